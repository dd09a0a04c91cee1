// Lists change in place: a choice, a chip or another page is shown without a full page
// load, and the URL follows. After any error the browser navigates to the URL itself.
"use strict";

(() => {
  const list = document.querySelector("[data-list]");
  if (!list || !window.fetch || !window.DOMParser) return;
  const form = list.querySelector("#filter-form");
  const panel = list.querySelector(".filters");
  const wide = window.matchMedia("(min-width: 60rem)");

  // Read aloud when the results change; it must stay in the page to be heard.
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  list.before(said);

  let asking = null;
  let waiting = 0;
  // The address of what is shown, without the place on the page.
  let shown = window.location.pathname + window.location.search;

  const here = (address) => new URL(address, window.location.href);
  const isThisList = (url) =>
    url.origin === window.location.origin && url.pathname === window.location.pathname;
  const parts = (root) => [...root.querySelectorAll("[data-part]")];
  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const boxes = (root) => [...root.querySelectorAll("input[type=checkbox]")];
  const isOfForm = (element) => Boolean(element && element.form === form);

  // The button says what it shows, which without script nobody knows before the answer.
  const sayTotal = () => {
    const total = Number(part(list, "count").dataset.total);
    const word = total === 1 ? "result" : "results";
    list.querySelector("[data-show]").textContent = `Show ${total.toLocaleString("en-GB")} ${word}`;
  };
  // The newest years stand at the right, where a long timeline would not be seen.
  const showNewest = () => {
    const bars = list.querySelector(".timeline-bars");
    if (bars) bars.scrollLeft = bars.scrollWidth;
  };

  // --- the form in hand: nothing of it goes away ------------------------------------------------

  const mendBox = (box, found) => {
    const [row, newRow] = [box.closest("li"), found && found.closest("li")];
    if (found) box.checked = found.checked;
    for (const name of [".choice-count", ".choice-note", "svg"]) {
      const [now, then] = [row.querySelector(name), newRow && newRow.querySelector(name)];
      if (now && then) now.replaceWith(then);
      else if (then) row.querySelector("label").append(then);
      // A choice that has become empty stays where it is while the panel is in hand.
      else if (name === ".choice-count") {
        now.childNodes.forEach((node) => { if (node.data?.trim()) node.data = "0"; });
      } else if (now && newRow) now.remove();
    }
  };

  const mendFacet = (facet, found) => {
    const old = new Map(boxes(facet).map((box) => [box.value, box]));
    const now = found ? boxes(found) : [];
    old.forEach((box, value) => mendBox(box, now.find((one) => one.value === value)));
    now.forEach((box, place) => {
      if (old.has(box.value)) return;
      const next = now.slice(place + 1).find((one) => old.has(one.value));
      const row = box.closest("li");
      if (next) old.get(next.value).closest("li").before(row);
      else [...facet.querySelectorAll("ul")].pop().append(row);
      old.set(box.value, box);
    });
    const more = facet.querySelector(".facet-rest-number");
    if (more) more.textContent = facet.querySelectorAll(".facet-rest li").length;
    const [hint, newHint] = [facet.querySelector(".hint"), found && found.querySelector(".hint")];
    if (hint && newHint) hint.textContent = newHint.textContent;
  };

  const mendForm = (page, back) => {
    const newForm = page.querySelector("#filter-form");
    const hidden = (one) => [...one.querySelectorAll("input[type=hidden]")];
    hidden(form).forEach((field) => field.remove());
    form.prepend(...hidden(newForm));
    const [words, newWords] = [form.elements.q, newForm.elements.q];
    // Somebody may still be typing.
    if (back || words !== document.activeElement) words.value = newWords.value;
    const [sort, newSort] = [list.querySelector("#filter-sort"), page.querySelector("#filter-sort")];
    if (sort && newSort) {
      const { value } = newSort;
      if (sort.innerHTML !== newSort.innerHTML) sort.replaceChildren(...newSort.children);
      sort.value = value;
    }
    const named = (name) => `[data-facet="${name}"]`;
    // Years are bars above a list, and choices beside it while words are searched.
    list.querySelectorAll("[data-facet]").forEach((facet) => {
      const found = page.querySelector(named(facet.dataset.facet));
      if (found && found.matches(".timeline") !== facet.matches(".timeline")) facet.remove();
    });
    list.querySelectorAll("[data-facet]").forEach((facet) => {
      mendFacet(facet, page.querySelector(named(facet.dataset.facet)));
    });
    const all = [...page.querySelectorAll("[data-facet]")];
    all.forEach((facet, place) => {
      if (list.querySelector(named(facet.dataset.facet))) return;
      const next = all.slice(place + 1).map((one) => list.querySelector(named(one.dataset.facet))).find(Boolean);
      if (facet.matches(".timeline")) part(list, "timeline").append(facet);
      else if (next && !next.matches(".timeline")) next.before(facet);
      else form.querySelector(".filters-show").before(facet);
    });
  };
  const IN_HAND = ["form", "sort", "timeline"];

  // --- all the rest ----------------------------------------------------------------------------

  // The ways to other months and the tabs stay in hand, so that one can go on and on.
  const wayInHand = () => {
    const way = document.activeElement;
    if (way?.matches(".month-ways a[rel]")) return `.month-ways a[rel="${way.rel}"]`;
    const tabs = way?.closest(".switch");
    return tabs ? `.${[...tabs.classList].join(".")} a[aria-current]` : "";
  };
  const unfolded = () =>
    [...list.querySelectorAll("[data-fold]")].filter((one) => one.open).map((one) => one.dataset.fold);

  const show = (text, { toResults, back, place }) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.querySelector("[data-list]")) throw new Error("no list");
    const field = isOfForm(document.activeElement) ? document.activeElement : null;
    const folds = unfolded();
    const way = wayInHand();
    // What one holds, or else the results, stay at their place in the window.
    const top = () => (field || list.querySelector("#results")).getBoundingClientRect().top;
    const before = top();
    list.style.minHeight = "";
    if (field) mendForm(page, back);
    parts(document).forEach((old) => {
      const found = part(page, old.dataset.part);
      if (field && IN_HAND.includes(old.dataset.part)) return;
      old.replaceChildren(...(found ? found.childNodes : []));
      if (found?.dataset.total) old.dataset.total = found.dataset.total;
    });
    list.querySelectorAll("[data-fold]").forEach((one) => {
      if (folds.includes(one.dataset.fold)) one.open = true;
    });
    sayTotal();
    if (!field) showNewest();
    document.title = page.title;
    const header = document.querySelector("#header-q");
    // Elsewhere it holds what somebody may be about to look for.
    if (header && isThisList(here(header.form.action))) header.value = page.querySelector("#header-q")?.value || "";
    document.querySelectorAll('head link[rel="alternate"], head link[rel="canonical"]').forEach(
      (link) => link.remove(),
    );
    page.querySelectorAll('head link[rel="alternate"], head link[rel="canonical"]').forEach(
      (link) => document.head.append(link),
    );
    const kept = field || (way && list.querySelector(way));
    if (kept) kept.focus({ preventScroll: true });
    if (!toResults) {
      const stay = () => window.scrollBy({ top: top() - before, behavior: "instant" });
      stay();
      // A list that has become short would pull the page up.
      const missing = before - top();
      // With a pixel more, since the browser rounds heights: one lost at each choice would add up.
      if (field && missing < -0.5) list.style.minHeight = `${list.offsetHeight - missing + 1}px`;
      if (field && missing < -0.5) stay();
    }
    if (toResults || !kept) {
      // Pages begin where their address says, which is below the table of a month.
      const results = (place && list.querySelector(place)) || list.querySelector("#results");
      results.tabIndex = -1;
      if (toResults && !wide.matches) panel.open = false;
      results.focus({ preventScroll: !toResults });
      if (toResults) results.scrollIntoView();
    }
    said.textContent = part(list, "count").textContent;
  };

  const go = async (url, { typing = false, back = false, toResults = false } = {}) => {
    window.clearTimeout(waiting);
    if (asking) asking.abort();
    const mine = new AbortController();
    asking = mine;
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const text = await answer.text();
      if (mine !== asking) return;
      show(text, { toResults, back, place: url.hash });
      if (!back) {
        const method = typing ? "replaceState" : "pushState";
        window.history[method]({ list: true }, "", url);
      }
      shown = url.pathname + url.search;
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(url);
      return;
    } finally {
      if (mine === asking) list.removeAttribute("aria-busy");
    }
  };

  const addressOfForm = () => {
    const url = here(window.location.pathname);
    for (const [name, value] of new FormData(form)) {
      if (value) url.searchParams.append(name, value);
    }
    return url;
  };

  list.addEventListener("change", ({ target }) => {
    if (isOfForm(target) && target.type !== "search") go(addressOfForm());
  });
  list.addEventListener("input", ({ target }) => {
    if (!isOfForm(target) || target.type !== "search") return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => go(addressOfForm(), { typing: true }), 450);
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    go(addressOfForm(), { toResults: true });
  });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const url = here(link.getAttribute("href"));
    const isOfList = link.closest(".chips-row, .switch, .pagination, .nothing, .month-ways");
    if (!isOfList || !isThisList(url)) return;
    event.preventDefault();
    go(url, { toResults: Boolean(link.closest(".pagination")) });
  });
  window.addEventListener("popstate", () => {
    const { pathname, search, href } = window.location;
    // A link to a place on this page fires the same event.
    if (pathname + search !== shown) go(here(href), { back: true });
  });
  sayTotal();
  showNewest();
})();
