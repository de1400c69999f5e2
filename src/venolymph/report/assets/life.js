// One date at a time, chosen by the slider; without this script all are shown one after another.
const dates = [...document.querySelectorAll("figure.when")];
const slider = document.getElementById("when");
const said = document.getElementById("said");
function show() {
  const at = Number(slider.value);
  dates.forEach((one, number) => { one.hidden = number !== at; });
  said.textContent = dates[at].querySelector("figcaption").textContent;
  slider.setAttribute("aria-valuetext", said.textContent);
}
slider.max = String(dates.length - 1);
slider.value = "0";
slider.addEventListener("input", show);
document.querySelector(".legs").classList.add("one");
document.getElementById("choice").hidden = false;
show();
