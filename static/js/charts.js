// Draws each [data-figure] from the JSON beside it. The server decides what a chart says; this file only fits it
// to the screen: on phones fewer tick labels and no annotation named "wide", never smaller letters.
"use strict";

(() => {
  const PHONE = window.matchMedia("(max-width: 640px)");
  const CONFIG = {
    responsive: true,
    displayModeBar: false,
    displaylogo: false,
    showSendToCloud: false,
    plotlyServerURL: "",
    scrollZoom: false,
    doubleClick: false,
  };
  const FONT = { family: "Arial, sans-serif", size: 16, color: "#212b32" };
  const HEIGHT_PX = { phone: 360, wide: 440, print: 180 };
  const PRINT_WIDTH_PX = 660;

  function fitAxis(axis, nticks) {
    const title = axis.title && { ...axis.title, font: { ...FONT, ...axis.title.font } };
    return { automargin: true, ...axis, title, fixedrange: true, nticks };
  }

  function fitLayout(given) {
    const phone = PHONE.matches;
    const layout = { paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff", hovermode: "closest", ...given };
    layout.font = { ...FONT, ...given.font };
    layout.dragmode = false;
    layout.autosize = true;
    layout.height = given.height || (phone ? HEIGHT_PX.phone : HEIGHT_PX.wide);
    layout.margin = { l: 48, r: phone ? 12 : 24, t: 32, b: 48, ...given.margin };
    layout.hoverlabel = { font: FONT, ...given.hoverlabel };
    if (given.meta?.phone_margin && phone) Object.assign(layout.margin, given.meta.phone_margin);
    for (const name of Object.keys(given).filter((key) => /^[xy]axis\d*$/.test(key))) {
      layout[name] = fitAxis(given[name], phone ? 4 : 8);
      if (phone && name.startsWith("x")) delete layout[name].dtick;
    }
    if (phone && given.annotations) layout.annotations = given.annotations.filter((note) => note.name !== "wide");
    return layout;
  }

  function readFigure(element) {
    return JSON.parse(document.getElementById(element.dataset.figure).textContent);
  }

  async function draw(element) {
    const figure = readFigure(element);
    await Plotly.react(element, figure.data, fitLayout(figure.layout || {}), CONFIG);
    element.dataset.ready = "1";
  }

  function offerPicture(button) {
    const element = document.getElementById(button.dataset.pictureOf);
    button.hidden = false;
    button.addEventListener("click", () =>
      Plotly.downloadImage(element, { format: "png", width: 1000, height: 560, filename: element.id }),
    );
  }

  const charts = [...document.querySelectorAll("[data-figure]")];
  charts.forEach(draw);
  document.querySelectorAll("[data-picture-of]").forEach(offerPicture);
  PHONE.addEventListener("change", () => charts.forEach(draw));
  window.addEventListener("beforeprint", () =>
    charts.forEach((element) => Plotly.relayout(element, { width: PRINT_WIDTH_PX, height: HEIGHT_PX.print })),
  );
  window.addEventListener("afterprint", () => charts.forEach(draw));
})();
