// Formatted text: what is pasted from Word, a page or a mail becomes Markdown, and what readers will
// see stands beside the box. Only text is ever put into the box; the server renders the preview and
// reads what is pasted as plain text.
"use strict";

(() => {
  const PAUSE = 400;
  const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, table, tr, section, article, br, pre";
  const UNSEEN = "style, script, head, meta, title, xml, template, noscript, iframe, object, svg, img";
  const MEANS = "b, strong, i, em, a[href], li, h1, h2, h3, h4, h5, h6, table, [class*=MsoList], [style*=mso-list]";

  // --- from the clipboard's HTML to Markdown --------------------------------------------------------

  const escape = (text) =>
    text.replace(/[\\`*[\]<]/g, "\\$&").replace(/(^|\s)_(?=\S)|(\S)_(?=\s|$)/g, (found) => found.replace("_", "\\_"));

  // Marks stand beside letters, never beside a space.
  const around = (mark, text) => {
    const [, before, inner, after] = text.match(/^(\s*)([\s\S]*?)(\s*)$/);
    return inner ? `${before}${mark}${inner}${mark}${after}` : text;
  };

  const isMarker = (node) => /mso-list:\s*Ignore/i.test(node.getAttribute("style") || "");

  const inline = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return escape(node.data.replace(/[\s\u00a0]+/g, " "));
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(UNSEEN) || isMarker(node)) return "";
    if (node.tagName === "BR") return "  \n";
    const text = [...node.childNodes].map(inline).join("");
    const style = node.getAttribute("style") || "";
    if (/^(B|STRONG)$/.test(node.tagName) && !/font-weight:\s*(normal|400)/i.test(style)) return around("**", text);
    if (/^(I|EM)$/.test(node.tagName) && !/font-style:\s*normal/i.test(style)) return around("*", text);
    if (node.tagName === "A") {
      const address = node.getAttribute("href") || "";
      if (!/^(https?:|mailto:)/i.test(address) || !text.trim()) return text;
      const target = address.replace(/[()\s<>]/g, encodeURIComponent).replace(/\(/g, "%28").replace(/\)/g, "%29");
      const shown = node.textContent.trim();
      return /^https?:/i.test(shown) && shown.replace(/\/$/, "") === address.replace(/\/$/, "")
        ? address
        : `[${text.trim()}](${target})`;
    }
    return text;
  };

  // A line that begins like a mark of Markdown, but is a text.
  const plain = (text) => text.replace(/^(\s*)([-+#>]|\d+[.)])(?=\s)/, (all, space, mark) =>
    `${space}${mark.length > 1 ? `${mark.slice(0, -1)}\\${mark.slice(-1)}` : `\\${mark}`}`);

  const tidy = (text) =>
    text.split("\n").map((line, index) => (index ? line.trimStart() : line)).join("\n").trim();

  const wordLevel = (node) => {
    const [, level] = (node.getAttribute("style") || "").match(/mso-list:[^;]*level(\d)/i) || [];
    return Number(level) || 0;
  };

  const wordMarker = (node) => {
    const marker = [...node.querySelectorAll("[style]")].find(isMarker);
    return marker ? marker.textContent.trim() : "";
  };

  const toMarkdown = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const blocks = [];
    // Numbers of the items of Word's lists, by level.
    let counts = [];
    let indents = [];
    let list = "";

    const add = (text, isItem = false) => {
      if (!text.trim()) return;
      const last = blocks[blocks.length - 1];
      blocks.push({ text, isItem, apart: !(isItem && last && last.isItem) });
    };

    const wordItem = (node, level) => {
      const [, name] = node.getAttribute("style").match(/mso-list:\s*(\w+)/i) || [];
      if (name !== list) counts = [];
      list = name;
      const ordered = /^\(?(\d+|[a-z]+)[.)]/i.test(wordMarker(node));
      counts = counts.slice(0, level);
      counts[level - 1] = (counts[level - 1] || 0) + 1;
      const marker = ordered ? `${counts[level - 1]}. ` : "- ";
      const indent = indents.slice(0, level - 1).reduce((sum, one) => sum + (one || 2), 0);
      indents = [...indents.slice(0, level - 1), marker.length];
      add(`${" ".repeat(indent)}${marker}${tidy(inline(node))}`, true);
    };

    const listItems = (list, indent) => {
      let number = Number(list.getAttribute("start")) || 1;
      [...list.children].forEach((item) => {
        // Word's own web pages put a list straight into a list.
        if (/^(UL|OL)$/.test(item.tagName)) return listItems(item, `${indent}  `);
        const marker = list.tagName === "OL" ? `${number}. ` : "- ";
        number += 1;
        const own = item.cloneNode(true);
        own.querySelectorAll("ul, ol").forEach((inner) => inner.remove());
        const text = tidy(inline(own));
        if (text) add(`${indent}${marker}${text.replace(/\n/g, `\n${indent}${" ".repeat(marker.length)}`)}`, true);
        item.querySelectorAll(":scope > ul, :scope > ol, :scope > p > ul, :scope > div > ul").forEach((inner) =>
          listItems(inner, indent + " ".repeat(marker.length)));
        return null;
      });
    };

    const walk = (parent) => {
      let run = [];
      const flush = () => {
        const text = tidy(run.map(inline).join(""));
        run = [];
        add(plain(text));
      };
      [...parent.childNodes].forEach((node) => {
        if (node.nodeType !== Node.ELEMENT_NODE || !(node.matches(BLOCKS) || node.querySelector(BLOCKS)) || node.tagName === "BR") {
          if (node.nodeType !== Node.COMMENT_NODE) run.push(node);
          return;
        }
        flush();
        if (node.matches(UNSEEN)) return;
        const level = wordLevel(node);
        if (level) return wordItem(node, level);
        counts = [];
        indents = [];
        const heading = /^H([1-6])$/.exec(node.tagName);
        if (heading) return add(`${"#".repeat(Math.max(2, Number(heading[1])))} ${tidy(inline(node)).replace(/\*\*/g, "").replace(/\n/g, " ")}`);
        if (/^(UL|OL)$/.test(node.tagName)) return listItems(node, "");
        if (node.tagName === "BLOCKQUOTE") return add(tidy(inline(node)).replace(/^/gm, "> "));
        if (node.tagName === "TR") return add([...node.cells].map((cell) => tidy(inline(cell)).replace(/\s+/g, " ")).filter(Boolean).join(" – "));
        return walk(node);
      });
      flush();
    };

    walk(page.body);
    return blocks.map(({ text, apart }, index) => (index ? (apart ? "\n\n" : "\n") : "") + text).join("");
  };

  const saysMore = (html) => new DOMParser().parseFromString(html, "text/html").querySelector(MEANS) !== null
    || /<p[\s>]/i.test(html);

  // --- into the box -----------------------------------------------------------------------------------

  const ask = (box, address, fields) => {
    const data = new FormData();
    Object.entries(fields).forEach(([name, value]) => data.append(name, value));
    return fetch(address, {
      method: "POST",
      body: data,
      redirect: "error",
      headers: { "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]").value },
    });
  };

  // A list or a heading begins a line of its own, also where the caret stands within one.
  const BLOCK = /^ *(#{1,6}|[-*+>]|\d+[.)]) /;
  const lineOf = (box) => ({
    before: box.value.slice(0, box.selectionStart).split("\n").pop().trim(),
    behind: box.value.slice(box.selectionEnd).split("\n")[0].trim(),
  });
  const apart = ({ before, behind }, text) =>
    (before && BLOCK.test(text) ? "\n\n" : "") + text
    + (behind && BLOCK.test(text.split("\n").pop()) ? "\n\n" : "");

  const insert = (box, text) => {
    // So that "undo" takes it back; deprecated, and nothing has come in its place.
    if (!document.execCommand || !document.execCommand("insertText", false, text)) {
      box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // Plain text stands in the box at once, and the server says what is Markdown of it: undone once it is
  // as it was pasted. What the server does not answer, saving does.
  const pastePlain = async (box, text) => {
    const line = lineOf(box);
    const start = box.selectionStart;
    const end = start + text.length;
    insert(box, text);
    let markdown;
    try {
      const answer = await ask(box, box.dataset.pasted, { text });
      if (!answer.ok) return;
      markdown = await answer.text();
    } catch {
      return;
    }
    if (markdown === text || document.activeElement !== box || box.value.slice(start, end) !== text) return;
    const { selectionStart: caret, value } = box;
    box.setSelectionRange(start, end);
    insert(box, apart(line, markdown));
    // Whoever went on typing meanwhile is left where they were.
    const place = caret + box.value.length - value.length;
    if (caret >= end) box.setSelectionRange(place, place);
  };

  const paste = (event) => {
    const box = event.target;
    const html = event.clipboardData?.getData("text/html");
    const text = html && saysMore(html) ? toMarkdown(html) : "";
    if (text) {
      event.preventDefault();
      insert(box, apart(lineOf(box), text));
      return;
    }
    const plain = (event.clipboardData?.getData("text/plain") || "").replace(/\r\n?/g, "\n");
    // A few words are no paragraphs.
    if (!/[\n\t]/.test(plain.trim())) return;
    event.preventDefault();
    pastePlain(box, plain);
  };

  // --- the preview -----------------------------------------------------------------------------------

  const offerPreview = (box) => {
    const pane = document.createElement("section");
    pane.className = "formatted-preview";
    pane.setAttribute("aria-label", `As readers see it: ${(box.labels[0]?.textContent || "").replace(":", "").trim()}`);
    const beside = document.createElement("div");
    beside.className = "formatted-beside";
    box.before(beside);
    beside.append(box, pane);
    let timer;
    let asked = 0;

    const show = async () => {
      const number = (asked += 1);
      if (!box.value.trim()) {
        pane.replaceChildren();
        return;
      }
      try {
        const answer = await ask(box, box.dataset.formatted, { text: box.value, shape: box.dataset.shape || "" });
        if (!answer.ok) return;
        const html = await answer.text();
        // An older answer may come after a newer one.
        if (number === asked) pane.innerHTML = html;
      } catch {
        // The preview stays as it was; saving tells what is wrong.
      }
    };

    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
    box.addEventListener("paste", paste);
    // Not asked for before somebody comes to the box: a long form has many.
    box.addEventListener("focus", show, { once: true });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("textarea[data-formatted]").forEach(offerPreview);
  });
})();
