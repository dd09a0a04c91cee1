// The boxes that search as one types come without a name for a screen reader; give them that of
// their field.
"use strict";

const nameBoxes = () => {
  document.querySelectorAll(".select2-search__field:not([aria-label])").forEach((box) => {
    const field = box.closest(".form-row, .fieldBox");
    const label = field && field.querySelector("label");
    box.setAttribute("aria-label", label ? label.textContent.replace(":", "").trim() : "Search");
  });
};

document.addEventListener("DOMContentLoaded", () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
