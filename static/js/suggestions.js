// Suggestions while somebody types into a search box: a combobox with a list, as the ARIA Authoring
// Practices describe it. Without it the box is a box, and Enter searches as ever.
"use strict";

(() => {
  const FEWEST_LETTERS = 2;
  let boxes = 0;

  const suggestFor = (input) => {
    boxes += 1;
    const list = document.createElement("ul");
    list.id = `suggestions-${boxes}`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.hidden = true;
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    input.after(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    let chosen = -1;
    let waiting = 0;
    let asking = null;

    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (place) => {
      const all = options();
      chosen = place;
      all.forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
      if (place < 0) {
        input.removeAttribute("aria-activedescendant");
      } else {
        input.setAttribute("aria-activedescendant", all[place].id);
        all[place].scrollIntoView({ block: "nearest" });
      }
    };
    const show = (suggestions) => {
      list.replaceChildren(
        ...suggestions.map(({ text, kind, address }, place) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${place}`;
          option.className = "suggestion";
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.address = address;
          const name = document.createElement("span");
          name.textContent = text;
          const what = document.createElement("span");
          what.className = "suggestion-kind";
          what.textContent = kind;
          option.append(name, " ", what);
          return option;
        }),
      );
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !suggestions.length;
      input.setAttribute("aria-expanded", String(Boolean(suggestions.length)));
      const number = suggestions.length;
      said.textContent = number ? `${number} suggestion${number === 1 ? "" : "s"}` : "";
    };
    const ask = async () => {
      if (asking) asking.abort();
      const words = input.value.trim();
      if (words.length < FEWEST_LETTERS) return close();
      asking = new AbortController();
      const url = new URL(input.dataset.suggest, window.location.href);
      url.searchParams.set("q", words);
      try {
        const answer = await fetch(url, { signal: asking.signal });
        if (!answer.ok) return close();
        const { suggestions } = await answer.json();
        if (document.activeElement === input && input.value.trim() === words) show(suggestions);
      } catch {
        // No suggestion is no loss.
      }
      return undefined;
    };

    input.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      const last = options().length - 1;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (list.hidden) {
        if (event.key === "ArrowDown") ask();
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        choose(chosen === last ? -1 : chosen + 1);
      } else if (event.key === "ArrowUp") {
        event.preventDefault();
        choose(chosen < 0 ? last : chosen - 1);
      } else if (event.key === "Enter" && chosen >= 0) {
        event.preventDefault();
        window.location.assign(options()[chosen].dataset.address);
      } else if (event.key === "Tab") {
        close();
      }
    });
    // Before the box loses its focus, which closes the list.
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest(".suggestion");
      if (!option) return;
      event.preventDefault();
      window.location.assign(option.dataset.address);
    });
    input.addEventListener("blur", close);
  };

  document.querySelectorAll("input[data-suggest]").forEach(suggestFor);
})();
