// What every page of staff needs: names for the boxes that search as one types, which come without one
// for a screen reader, and the caret in the search that a phone unfolds.
"use strict";

const nameBoxes = () => {
  document.querySelectorAll(".select2-search__field:not([aria-label])").forEach((box) => {
    const field = box.closest(".form-row, .fieldBox");
    const label = field && field.querySelector("label");
    box.setAttribute("aria-label", label ? label.textContent.replace(":", "").trim() : "Search");
  });
  document.querySelectorAll(".select2-selection--single:not([data-named])").forEach((chooser) => {
    const label = chooser.closest(".form-row, .fieldBox")?.querySelector("label");
    const chosen = chooser.querySelector(".select2-selection__rendered");
    if (!label || !chosen) return;
    // Both the field and what is chosen, which may be nothing.
    label.id = label.id || `${label.htmlFor}_label`;
    chooser.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    chosen.setAttribute("aria-label", chosen.title || label.textContent.replace(":", "").trim());
    chooser.dataset.named = "";
  });
};

document.addEventListener("DOMContentLoaded", () => {
  // On a phone the search of everything is opened to type into it.
  document.querySelector(".search-everything")?.addEventListener("toggle", (event) => {
    if (event.newState === "open") event.target.querySelector("input").select();
  });
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
