// Keeps what is typed into a form of the admin on the server, every few seconds while it changes,
// and asks before it is left unsaved. Nothing is kept in the browser. Without this script a form is
// kept when it is sent and cannot be saved.
"use strict";

(() => {
  const EVERY = 3000; // milliseconds
  const SLOWEST = 60000;
  // Bytes that a browser sends for a page that is being left (Fetch standard, keepalive).
  const MOST_WHEN_LEAVING = 60000;
  const NOT_TYPED = /^csrfmiddlewaretoken$|^_autosave$|__prefix__/;

  const start = (token) => {
    const form = token.form;
    const status = form.querySelector(".autosave-status");
    let saved; // what the form held when it was opened
    let kept; // what the server has of it
    let sending = null;
    let leaving = false;
    let wait = EVERY;
    let due = 0;

    const read = () => {
      const values = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && !NOT_TYPED.test(name)) values.append(name, value);
      }
      return values.toString();
    };

    const say = (text, failed, address) => {
      if (!status || status.dataset.said === text) return;
      status.dataset.said = text;
      status.classList.toggle("autosave-failed", Boolean(failed));
      status.textContent = text;
      if (address) {
        const link = document.createElement("a");
        link.href = address;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = "Sign in (in a new window)";
        status.append(" ", link, ", then come back here and save.");
      }
    };

    const isChanged = () => "unsaved" in token.dataset || read() !== saved;

    const understand = async (response, values) => {
      let answer = {};
      try {
        answer = await response.json();
      } catch {
        // Said below.
      }
      if (response.ok && answer.kept) {
        kept = values;
        wait = EVERY;
        say("What you type is kept on the server. It is not saved yet.");
      } else if (answer.token) {
        // It was saved, and the browser came back to it: from here on it is another form.
        token.value = answer.token;
        due = 0;
      } else if (response.status === 401) {
        if (answer.kept) kept = values;
        wait = SLOWEST / 4;
        say(
          answer.kept
            ? "You are signed out. What you typed is kept, and not saved."
            : "You are signed out. What you type now is not kept: do not close this page.",
          true,
          token.dataset.signIn,
        );
      } else {
        wait = SLOWEST;
        const why = answer.refused || "The server did not take it.";
        say(`${why} What you type now is not kept: save it soon.`, true);
      }
    };

    const send = (values, keepalive) => {
      // First: where the session has ended nothing is read before it.
      const body = new URLSearchParams([["_autosave", token.value], ...new URLSearchParams(values)]);
      sending = new AbortController();
      const request = fetch(token.dataset.keep, {
        method: "POST",
        body,
        keepalive: keepalive && body.toString().length < MOST_WHEN_LEAVING,
        headers: { Accept: "application/json" },
        redirect: "error",
        signal: keepalive ? undefined : sending.signal,
      });
      return request
        .then((response) => understand(response, values))
        .catch((error) => {
          if (error.name === "AbortError" || leaving) return;
          wait = Math.min(2 * wait, SLOWEST);
          say("The server cannot be reached. What you type now is not kept: do not close this page.", true);
        })
        .finally(() => {
          sending = null;
          due = Date.now() + wait;
        });
    };

    const look = () => {
      if (leaving || sending || Date.now() < due) return;
      const values = read();
      if (values !== kept) send(values, false);
    };

    // At once when the page goes out of sight: it may never come back.
    const keepNow = () => {
      if (leaving || document.visibilityState !== "hidden") return;
      const values = read();
      if (values !== kept) send(values, true);
    };

    // More than the server takes at once is not sent: it would be refused whole.
    const isTooLarge = () => {
      let size = 0;
      for (const [, value] of new FormData(form)) size += value.size || value.length || 0;
      const most = Number(token.dataset.most);
      if (size <= most) return false;
      const megabytes = Math.round(most / 1024 ** 2);
      say(`Your files have more than ${megabytes} MB together. Choose fewer, save, and add the others afterwards.`, true);
      status?.scrollIntoView({ block: "center" });
      return true;
    };

    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (isTooLarge()) {
        event.preventDefault();
        return;
      }
      leaving = true;
      if (sending) sending.abort();
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) leaving = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (leaving || !isChanged()) return;
      event.preventDefault();
      // Older browsers ask only with this.
      event.returnValue = true;
    });
    document.addEventListener("visibilitychange", keepNow);
    // What another script fills in as the page opens was not typed.
    const begin = () => {
      saved = read();
      kept = "unsaved" in token.dataset ? null : saved;
      window.setInterval(look, EVERY / 3);
    };
    if (document.readyState === "complete") begin();
    else window.addEventListener("load", begin);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form input[name=_autosave]").forEach(start);
  });
})();
