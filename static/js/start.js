// Starts the NHS components (menu, scrolling tables, skip link) and tells a hexagon's sentence on hover and focus.
import { initAll } from "../vendor/nhsuk-frontend.min.js";

initAll();

for (const line of document.querySelectorAll("[data-sentence-of]")) {
  const map = document.getElementById(line.dataset.sentenceOf);
  const hint = "Point at a board, or move to it with the tab key, to read its sentence.";
  const tell = (event) => {
    const link = event.target.closest("[data-sentence]");
    line.textContent = link ? link.getAttribute("aria-label") : hint;
  };
  line.textContent = hint;
  for (const name of ["mouseover", "focusin"]) map.addEventListener(name, tell);
}
