// Everything here is a convenience: each page is complete without it.
"use strict";

// Leave at once: replace the page, so that "back" does not return to it. Shift three times does
// the same, and each press is counted aloud and with a dot: nobody leaves by accident. The
// browser's own history keeps what was read; the privacy page says so.
const exit = document.querySelector("[data-exit]");
if (exit) {
  const NEEDED = 3;
  const TIME = 5000; // milliseconds from the first press to the last
  const aloud = document.querySelector("[data-exit-presses]");
  const dots = exit.querySelector(".exit-presses");
  let presses = 0;
  let timer = 0;
  const show = (number, words) => {
    presses = number;
    dots.textContent = "•".repeat(number);
    aloud.textContent = words;
  };
  const leave = (event) => {
    if (event) event.preventDefault();
    document.documentElement.classList.add("leaving");
    window.location.replace(exit.href);
  };
  const stop = () => {
    clearTimeout(timer);
    if (presses) show(0, "You stay on this page.");
  };
  exit.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    // Shift with another key types a capital letter or goes back a field.
    if (event.key !== "Shift") return stop();
    if (event.repeat) return undefined;
    if (!presses) timer = setTimeout(stop, TIME);
    const left = NEEDED - presses - 1;
    show(presses + 1, left ? `To leave, press Shift ${left === 1 ? "once" : "twice"} more.` : "Leaving.");
    return left ? undefined : leave();
  });
}

// Folded on a phone and open on anything wider: the header, and filters beside the results.
// Browsers that style the inside of <details> need no help.
if (!CSS.supports("selector(::details-content)")) {
  document.querySelectorAll("[data-open-wide]").forEach((details) => {
    const wide = window.matchMedia(`(min-width: ${details.dataset.openWide || "60rem"})`);
    const unfold = () => {
      details.open = wide.matches;
    };
    wide.addEventListener("change", unfold);
    unfold();
  });
}

// The panels of the header: one at a time, Escape shuts it, and the search is ready to be typed in.
const folds = [...document.querySelectorAll(".fold")];
folds.forEach((fold) => {
  const summary = fold.querySelector("summary");
  summary.addEventListener("click", () => {
    if (fold.open) return;
    folds.filter((other) => other !== fold && other.querySelector("summary").offsetParent)
      .forEach((other) => {
        other.open = false;
      });
  });
  fold.addEventListener("toggle", () => {
    if (fold.open && summary.offsetParent) fold.querySelector("input[type=search]")?.focus();
  });
  fold.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !fold.open || !summary.offsetParent) return;
    fold.open = false;
    summary.focus();
  });
});

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
