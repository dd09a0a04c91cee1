// Says that a chosen file is too large before it is sent, in the words of the server, which looks
// again. Without this script the server alone says it.
"use strict";

(() => {
  // The sentence for a file that an input cannot take, or nothing.
  window.tooLarge = (input, file) => {
    const limits = JSON.parse(input.dataset.mostBytes || "[]");
    const limit = limits.find(({ ending }) => file.name.toLowerCase().endsWith(ending));
    return limit && file.size > limit.most ? limit.sentence : "";
  };

  const say = (input, text) => {
    let message = input.parentNode.querySelector(".file-too-large");
    if (!message && !text) return;
    if (!message) {
      message = document.createElement("p");
      message.className = "file-too-large upload-refused";
      message.setAttribute("role", "alert");
      input.after(message);
    }
    message.textContent = text;
  };

  document.addEventListener("change", (event) => {
    const input = event.target;
    // Documents are sent at once, and say it themselves (uploads.js).
    if (input.type !== "file" || !input.dataset.mostBytes || input.closest(".document-file")) return;
    const large = [...input.files].find((file) => window.tooLarge(input, file));
    say(input, large ? `${large.name}: ${window.tooLarge(input, large)}` : "");
    if (large) input.value = "";
  });
})();
