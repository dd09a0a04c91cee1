/* Passkeys (WebAuthn): the button of a form asks the browser for one and sends what it gives. */
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  const passkeys = window.webauthnJSON;
  if (!form || !passkeys || !window.isSecureContext || !passkeys.supported()) {
    return;
  }
  const button = form.querySelector("button");
  const status = form.querySelector("[data-passkey-status]");
  const credential = form.querySelector("[name=credential]");
  status.textContent = "";
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "Waiting for your passkey …";
    try {
      const options = JSON.parse(form.dataset.options);
      credential.value = JSON.stringify(await passkeys[form.dataset.passkey](options));
      form.submit();
    } catch {
      status.textContent = "That did not work, or was cancelled. Try again.";
    }
  });
})();
