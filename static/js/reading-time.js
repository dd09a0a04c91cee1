// Counts the words of a 7-minute learning while somebody types, as reviews/reading_time.py does when
// it is saved: marks and addresses of links are no words, and a word holds a letter or a digit.
"use strict";

(() => {
  const QUIET = 1500;

  const character = (entity) => {
    const box = document.createElement("textarea");
    box.innerHTML = entity;
    return box.value;
  };

  // The number before an item of a list is a mark, but only where an item can begin.
  const withoutItemNumbers = (text) => {
    let inParagraph = false;
    return text
      .split("\n")
      .map((line) => {
        const numbered = line.match(/^([ >*+-]*)(\d{1,9})[.)](\s.*)?$/);
        const begins = numbered && (!inParagraph || Number(numbered[2]) === 1);
        const plain = line.trim() && !/^ {0,3}(#{1,6}\s|[*+-]\s)/.test(line);
        inParagraph = Boolean(plain && !begins);
        return begins ? `${numbered[1]} ${numbered[3] || ""}` : line;
      })
      .join("\n");
  };

  const shown = (text) =>
    withoutItemNumbers(text.replace(/\r\n?/g, "\n"))
      .replace(/^ {0,3}\[[^\]]+\]:[ \t]*\S+.*$/gm, "")
      .replace(/\]\((?:[^()\\\s]|\\.|\([^()\s]*\))*(?:\s+"[^"]*")?\)/g, "]")
      .replace(/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w*);/gi, character);

  const countWords = (text) =>
    shown(text)
      .split(/\s+/u)
      .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

  document.addEventListener("DOMContentLoaded", () => {
    const meter = document.querySelector(".reading-time[data-most]");
    const boxes = [...document.querySelectorAll("[data-words-of]")]
      .map((count) => [document.getElementById(count.dataset.wordsOf), count])
      .filter(([box]) => box);
    if (!meter || !boxes.length) return;
    const { minute, most, nothing, within, tooLong } = meter.dataset;
    const output = meter.querySelector(".reading-time-status");
    const status = meter.querySelector("[role=status]");
    let lastMinutes;
    let timer;

    const sentence = (words, minutes) => {
      if (!words) return nothing;
      return (words > most ? tooLong : within)
        .replace("{about}", `about ${minutes} minute${minutes === 1 ? "" : "s"}`)
        .replace("{words}", words.toLocaleString("en-GB"));
    };

    const update = () => {
      let words = 0;
      boxes.forEach(([box, count]) => {
        const number = countWords(box.value);
        count.textContent = number.toLocaleString("en-GB");
        words += number;
      });
      const minutes = Math.ceil(words / minute);
      output.textContent = sentence(words, minutes);
      meter.querySelector("meter").value = words;
      meter.classList.toggle("reading-time-over", words > most);
      // Said aloud only when the minutes change, and not before the typing pauses.
      clearTimeout(timer);
      if (lastMinutes === undefined) lastMinutes = minutes;
      timer = setTimeout(() => {
        if (minutes !== lastMinutes) status.textContent = output.textContent;
        lastMinutes = minutes;
      }, QUIET);
    };

    boxes.forEach(([box]) => box.addEventListener("input", update));
    update();
  });
})();
