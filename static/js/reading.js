// A document as text: marks in the contents the part that is in view.
"use strict";

const rail = document.querySelector(".rail-inner");
const links = new Map();
document.querySelectorAll(".reading-contents a").forEach((link) => {
  const part = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (part) links.set(part, link);
});

if (links.size && "IntersectionObserver" in window) {
  const begun = new Set();
  let marked = null;
  const mark = () => {
    // The last part that begins above the line; before the first, none.
    const current = [...links.keys()].filter((part) => begun.has(part)).pop();
    const link = links.get(current) || null;
    if (link === marked) return;
    if (marked) marked.removeAttribute("aria-current");
    marked = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    // Kept in view within its rail; the page itself must not move.
    const top = link.getBoundingClientRect().top - rail.getBoundingClientRect().top;
    if (top < 0 || top > rail.clientHeight - 2 * link.offsetHeight) {
      rail.scrollTop += top - rail.clientHeight / 2;
    }
  };
  // Everything above a line at a third of the window.
  const observer = new IntersectionObserver((entries) => {
    entries.forEach((entry) => {
      if (entry.isIntersecting) begun.add(entry.target);
      else begun.delete(entry.target);
    });
    mark();
  }, { rootMargin: "1000000px 0px -66% 0px" });
  links.forEach((link, part) => observer.observe(part));
}
