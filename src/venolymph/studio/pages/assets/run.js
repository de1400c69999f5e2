/** The page of choices: a choice shows its knobs at once, and each number has a slider beside it. */

document.querySelector('form.choose')?.addEventListener('change', (event) => {
  /** @type {HTMLFormElement} */ (/** @type {any} */ (event.currentTarget)).requestSubmit();
});
for (const number of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('.knob input[type="number"]'))) {
  const slider = document.createElement('input');
  Object.assign(slider, {type: 'range', min: number.min, max: number.max, step: number.step});
  slider.value = number.value || number.min;
  slider.setAttribute('aria-label', document.querySelector(`label[for="${number.id}"]`)?.textContent ?? '');
  slider.tabIndex = -1; // the number beside it takes the keyboard
  slider.addEventListener('input', () => { number.value = slider.value; });
  number.addEventListener('input', () => { slider.value = number.value; });
  number.parentElement?.after(slider);
}
