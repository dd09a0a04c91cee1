// The rules for every page: html-validate's recommended and a11y sets, but for what stands here.
import { defineConfig } from "html-validate";

export default defineConfig({
  root: true,
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    // Check boxes of one filter share its name: that is how several values are sent.
    "form-dup-name": ["error", { shared: ["radio", "checkbox"] }],
    // A list may have a name (WAI-ARIA 1.2), and screen readers say it.
    "aria-label-misuse": ["error", { allowAnyNamable: true }],
    // The title of a report is as long as its authors made it.
    "long-title": "off",
    // Numbers are kept on one line by CSS, so that they are copied with plain spaces.
    "tel-non-breaking": "off",
  },
});
