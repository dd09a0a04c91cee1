// What every page of staff needs: names for the boxes that search as one types, which come without one
// for a screen reader, the caret in the search that a phone unfolds, and whole texts on paper.
"use strict";

const nameBoxes = () => {
  // Django's picture beside a filter has a name that its element may not have.
  document.querySelectorAll(".search-label-icon:not([role])").forEach((icon) => icon.setAttribute("role", "img"));
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

// On paper a field shows only as much as it is wide: what it holds is printed in its place.
const TYPED = "textarea, input:not([type]), input:is([type=text], [type=url], [type=email], [type=tel])";
window.addEventListener("beforeprint", () => {
  document.querySelectorAll(`#content form :is(${TYPED})`).forEach((box) => {
    if (!box.value || !box.checkVisibility()) return;
    const value = document.createElement("p");
    value.className = "printed-value";
    value.textContent = box.value;
    box.after(value);
    box.classList.add("printed");
  });
});
window.addEventListener("afterprint", () => {
  document.querySelectorAll(".printed-value").forEach((value) => value.remove());
  document.querySelectorAll(".printed").forEach((box) => box.classList.remove("printed"));
});
