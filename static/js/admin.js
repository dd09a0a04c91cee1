// The boxes that search as one types come without a name for a screen reader; give them that of
// their field.
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
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
