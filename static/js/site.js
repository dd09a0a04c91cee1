// Everything here is a convenience: each page is complete without it.
"use strict";

// Leave at once: replace the page, so that "back" does not return to it. Shift three times does
// the same. The browser's own history keeps what was read; the privacy page says so.
const exit = document.querySelector("[data-exit]");
if (exit) {
  const leave = (event) => {
    if (event) event.preventDefault();
    document.documentElement.classList.add("leaving");
    window.location.replace(exit.href);
  };
  exit.addEventListener("click", leave);
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift" || event.repeat) {
      if (event.key !== "Shift") presses = [];
      return;
    }
    const now = Date.now();
    presses = [...presses.filter((moment) => now - moment < 3000), now];
    if (presses.length === 3) leave();
  });
}

// Filters are folded on a phone and open beside the results on a desk. Browsers that style the
// inside of <details> need no help.
if (!CSS.supports("selector(::details-content)")) {
  const wide = window.matchMedia("(min-width: 60rem)");
  const unfold = () => {
    document.querySelectorAll("[data-open-wide]").forEach((details) => {
      details.open = wide.matches;
    });
  };
  wide.addEventListener("change", unfold);
  unfold();
}

// Copy the citation. The button keeps its room without script, so nothing moves when it appears.
document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  const message = button.nextElementSibling;
  const text = () =>
    document.getElementById(button.dataset.copy).textContent.trim().replace(/\s+/g, " ");
  button.classList.add("ready");
  button.addEventListener("click", async () => {
    // Emptied first, so that a second copy is announced as well.
    message.textContent = "";
    try {
      await navigator.clipboard.writeText(text());
      message.textContent = "Copied";
    } catch {
      message.textContent = "Not copied. Select the line and copy it.";
    }
  });
});
