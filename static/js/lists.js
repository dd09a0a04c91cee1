// Lists change in place: a choice, a chip or another page is shown without a full page
// load, and the URL follows. After any error the browser navigates to the URL itself.
"use strict";

(() => {
  const list = document.querySelector("[data-list]");
  if (!list || !window.fetch || !window.DOMParser) return;

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

  // What a reader has open or in hand stays as it is.
  const unfolded = () => [...list.querySelectorAll("details")].map((details) => details.open);
  const inHand = () => {
    const field = document.activeElement;
    // The ways to other months stay where they are, so that one can go on and on.
    if (field?.matches(".month-ways a[rel]")) return { rel: field.rel };
    if (!field || !list.contains(field) || !field.name) return null;
    const { name, value, type, selectionStart, selectionEnd } = field;
    return { name, value, type, selectionStart, selectionEnd };
  };
  const giveBack = (held, open) => {
    const details = list.querySelectorAll("details");
    if (details.length === open.length) details.forEach((one, i) => { one.open = open[i]; });
    if (!held) return false;
    if (held.rel) {
      const way = list.querySelector(`.month-ways a[rel="${held.rel}"]`);
      if (way) way.focus({ preventScroll: true });
      return Boolean(way);
    }
    const same = [...list.querySelectorAll("[name]")].find(
      (field) =>
        field.name === held.name && (held.type !== "checkbox" || field.value === held.value),
    );
    if (!same) return false;
    if (held.type === "search") {
      same.value = held.value;
      same.focus({ preventScroll: true });
      same.setSelectionRange(held.selectionStart, held.selectionEnd);
    } else {
      same.focus({ preventScroll: true });
    }
    return true;
  };

  const show = (text, toResults, place) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = page.querySelector("[data-list]");
    if (!found) throw new Error("no list");
    const held = inHand();
    const open = unfolded();
    list.replaceChildren(...found.childNodes);
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
    const kept = giveBack(held, open);
    if (toResults || !kept) {
      // Pages begin where their address says, which is below the table of a month.
      const results = (place && list.querySelector(place)) || list.querySelector("#results");
      results.tabIndex = -1;
      results.focus({ preventScroll: !toResults });
      if (toResults) results.scrollIntoView();
    }
    said.textContent = list.querySelector(".result-count").textContent;
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
      show(text, toResults, url.hash);
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

  const addressOf = (form) => {
    const url = here(window.location.pathname);
    for (const [name, value] of new FormData(form)) {
      if (value) url.searchParams.append(name, value);
    }
    return url;
  };

  list.addEventListener("change", (event) => {
    const { form, type } = event.target;
    if (form && type !== "search") go(addressOf(form));
  });
  list.addEventListener("input", (event) => {
    const { form, type } = event.target;
    if (!form || type !== "search") return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => go(addressOf(form), { typing: true }), 450);
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    go(addressOf(event.target), { toResults: true });
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
})();
