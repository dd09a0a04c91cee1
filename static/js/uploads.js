// Sends a chosen PDF at once, shows how far it is, and puts in the form under which name it was
// kept. Without this script the file goes with the form.
"use strict";

(() => {
  let under_way = 0;

  const buttons = () => document.querySelectorAll(".submit-row input[type=submit]");

  const wait = (change) => {
    under_way += change;
    buttons().forEach((button) => {
      button.disabled = under_way > 0;
      button.title = under_way > 0 ? "Wait until the file is read." : "";
    });
  };

  const hidden = (box, end) => box.querySelector(`input[type=hidden][name$="${end}"]`);

  const send = (box, file, done) => {
    const input = box.querySelector("input[type=file]");
    const bar = box.querySelector(".upload-progress");
    const message = box.querySelector(".upload-status");
    const data = new FormData();
    // First, so that the file is held for whoever opened the form if their session has ended.
    const autosave = document.querySelector("form input[name=_autosave]");
    if (autosave) data.append("_autosave_file", autosave.value);
    data.append("file", file);
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const request = new XMLHttpRequest();
    const say = (text, refused) => {
      message.textContent = text;
      message.classList.toggle("upload-refused", Boolean(refused));
    };
    // The session has ended, or another one has begun: the file is held on the server, or stays
    // chosen and goes with the form.
    const sayEnded = (status, held) => {
      const there = held
        ? `The file ${file.name} is kept on the server.`
        : `The file ${file.name} stays chosen, and is sent with the form.`;
      if (status === 403) {
        say(`You signed in again after this form was opened. ${there} Save the form: it is shown again as it is.`, true);
        return;
      }
      say(`Your session ended. ${there} `, true);
      const link = document.createElement("a");
      link.href = autosave ? autosave.dataset.signIn : "/admin/";
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = "Sign in (in a new window)";
      message.append(link, ", then come back here and save.");
    };
    const refuse = (why) => {
      input.value = "";
      hidden(box, "_refused").value = `${file.name}: ${why}`;
      say(`${file.name}: ${why}`, true);
    };
    const large = window.tooLarge(input, file);
    if (large) {
      refuse(large);
      if (done) done();
      return;
    }
    const finish = () => {
      bar.hidden = true;
      input.disabled = false;
      wait(-1);
      if (done) done();
    };
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.round((100 * event.loaded) / event.total);
      bar.querySelector("progress").value = percent;
      bar.querySelector("span").textContent = `${percent} %`;
    });
    request.upload.addEventListener("load", () => {
      bar.querySelector("progress").removeAttribute("value");
      bar.querySelector("span").textContent = "Reading and checking it; this can take a minute.";
    });
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // Said below.
      }
      if (answer.taken) {
        hidden(box, "_taken").value = answer.taken;
        hidden(box, "_refused").value = "";
        hidden(box, "_held").value = "";
        box.querySelector(".held-file")?.remove();
        box.querySelector(".document-file-now").innerHTML = answer.now;
        tellRow(box.querySelector(".file-now"));
        input.value = "";
        say(`${file.name} is taken in. Save the form to keep it.`);
        makeCopy(box);
        const row = box.closest(".inline-related, form");
        const title = row && row.querySelector("input[name$='title']");
        if (title && !title.value) {
          title.value = answer.title || "";
          title.dispatchEvent(new Event("input", { bubbles: true }));
        }
      } else if (request.status === 401 || request.status === 403) {
        if (answer.held) {
          hidden(box, "_held").value = answer.held;
          hidden(box, "_taken").value = "";
          hidden(box, "_refused").value = "";
          box.querySelector(".held-file")?.remove();
          input.value = "";
        }
        sayEnded(request.status, answer.held);
      } else if (request.status === 400 || request.status === 413) {
        refuse(answer.refused || "It is too large to be sent.");
      } else {
        // A fault of the server, or of what stands before it: nothing is wrong with the file.
        const why = answer.refused ? `${answer.refused} ` : "";
        say(`The file ${file.name} could not be taken in now. ${why}It stays chosen, and is sent with the form.`, true);
      }
      finish();
    });
    request.addEventListener("error", () => {
      say(`The file ${file.name} could not be sent now. It stays chosen, and is sent with the form.`, true);
      finish();
    });
    say("");
    bar.querySelector("progress").value = 0;
    bar.querySelector("span").textContent = "";
    bar.hidden = false;
    input.disabled = true;
    wait(1);
    request.open("POST", box.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  };

  // --- the cleaned copy --------------------------------------------------------------------------

  const ask = (address) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    return fetch(address, { method: "POST", headers, redirect: "error" }).then((response) => response.json());
  };

  const put = (box, html) => {
    box.querySelector(".document-file-now").innerHTML = html;
    tellRow(box.querySelector(".file-now"));
  };

  // Made at once, while the form is filled in; nobody needs to wait for it.
  const makeCopy = (box) => {
    const now = box.querySelector(".file-now[data-clean]");
    if (!now) return;
    const said = document.createElement("p");
    said.className = "copy-status";
    said.setAttribute("role", "status");
    now.querySelector(".verdict").after(said);
    said.textContent = "A cleaned copy is being made.";
    ask(now.dataset.clean)
      .then((answer) => {
        if (answer.now && now.isConnected) put(box, answer.now);
      })
      .catch(() => {
        said.textContent = "The cleaned copy could not be made now. Its report makes it.";
      });
  };

  // Of a file that is saved, the form names the copy, and the save takes it; of one that is not yet,
  // the two change places at once.
  const useCopy = (box, button) => {
    if (!button.dataset.take) return ask(button.dataset.use).then((answer) => answer.now);
    return fetch(button.dataset.shown, { redirect: "error" }).then((response) => {
      if (!response.ok) throw new Error(response.status);
      hidden(box, "_taken").value = button.dataset.take;
      hidden(box, "_refused").value = hidden(box, "_held").value = "";
      return response.text();
    });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[data-use], button[data-take]");
    if (!button) return;
    const box = button.closest(".document-file");
    const message = box.querySelector(".upload-status");
    button.disabled = true;
    useCopy(box, button)
      .then((now) => {
        put(box, now);
        message.classList.remove("upload-refused");
        message.textContent = "The form has the cleaned copy now. Save the form to keep it.";
        box.querySelector(".file-now a").focus();
      })
      .catch(() => {
        button.disabled = false;
        message.classList.add("upload-refused");
        message.textContent = "That could not be done now. Open its report and use the copy there.";
      });
  });

  // The closed row of a document says of its file what the open one does.
  const tellRow = (now) => {
    const row = now?.closest(".document-rows .closed-row");
    const said = now?.querySelector(".verdict");
    if (!row || !said) return;
    const facts = row.querySelector(".row-facts");
    if (facts && now.dataset.pages) facts.textContent = now.dataset.pages;
    const verdict = document.createElement("span");
    verdict.className = said.className;
    verdict.textContent = said.firstChild.textContent.trim();
    const says = row.querySelector(".row-says");
    says.querySelector(".verdict")?.remove();
    says.append(verdict);
    const cover = now.querySelector("img");
    if (cover) {
      const small = cover.cloneNode();
      small.width = 36;
      small.className = "document-cover";
      row.querySelector(".document-cover").replaceWith(small);
    }
  };

  document.addEventListener("change", (event) => {
    const box = event.target.closest && event.target.closest(".document-file");
    if (!box || event.target.type !== "file" || !event.target.files.length) return;
    send(box, event.target.files[0]);
  });

  // The report of a file opens in a window of its own. Whoever comes back from it finds here what
  // was settled there.
  const refresh = (now) => {
    const findings = now.querySelector(".finding-titles") ? "?findings" : "";
    fetch(`${now.dataset.now}${findings}`, { redirect: "error" })
      .then((response) => (response.ok ? response.text() : ""))
      .then((html) => {
        const fresh = document.createElement("template");
        fresh.innerHTML = html.trim();
        const next = fresh.content.firstElementChild;
        if (!next || next.outerHTML === now.outerHTML || !now.isConnected) return;
        const had = now.contains(document.activeElement) && document.activeElement.href;
        now.replaceWith(next);
        tellRow(next);
        if (had) [...next.querySelectorAll("a")].find((link) => link.href === had)?.focus();
      })
      .catch(() => {}); // What it says stays as it was.
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    document.querySelectorAll(".document-file .file-now[data-now]").forEach(refresh);
  });
  window.addEventListener("focus", () => {
    document.querySelectorAll(".document-file .file-now[data-now]").forEach(refresh);
  });

  // Several files at once: a row for each, sent one after the other.
  const offerSeveral = (group) => {
    if (!group.querySelector(".empty-form")) return;
    const label = document.createElement("label");
    label.className = "several-files";
    label.textContent = "Add several PDFs at once: ";
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = "application/pdf,.pdf";
    label.append(input);
    group.append(label);
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      const next = () => {
        const file = files.shift();
        if (!file) return;
        group.querySelector(".add-row a").click();
        const rows = group.querySelectorAll(".inline-related:not(.empty-form) .document-file");
        send(rows[rows.length - 1], file, next);
      };
      next();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("#documents-group").forEach(offerSeveral);
  });
})();
