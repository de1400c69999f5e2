// Unpacks the modules and recordings that this page holds, and shows the leg. Nothing is fetched.
(() => {
  const place = document.getElementById('moving-leg');
  const standIn = document.getElementById('still-leg');

  /** The bytes of an element that holds a gzipped file in base64. */
  const bytesOf = async (element) => {
    const text = atob(element.textContent.trim());
    const packed = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).arrayBuffer();
  };

  const show = async () => {
    const modules = [...document.querySelectorAll('script[data-module]')];
    const sources = await Promise.all(modules.map(bytesOf));
    const imports = Object.fromEntries(modules.map((element, number) => [
      element.dataset.module,
      URL.createObjectURL(new Blob([sources[number]], {type: 'text/javascript'})),
    ]));
    const map = document.createElement('script');
    map.type = 'importmap';
    map.textContent = JSON.stringify({imports});
    document.head.append(map);
    const {mount, recordingOf} = await import('venolymph/main');
    const people = new Map();
    for (const element of document.querySelectorAll('script[data-recording]')) {
      const number = element.dataset.recording;
      people.set(number, [...(people.get(number) ?? []), bytesOf(element)]);
    }
    const recordings = [];
    for (const files of people.values()) recordings.push(recordingOf(await Promise.all(files)));
    const options = JSON.parse(document.getElementById('leg-options').textContent);
    mount(place, recordings, options);
    // without WebGL charts and values are there, and the pictures stay
    if (!place.querySelector('.vl-plain')) standIn.classList.add('for-print');
  };

  show().catch((error) => {
    place.hidden = true;
    const told = document.createElement('p');
    told.className = 'notice failed';
    told.textContent = `The moving picture cannot be shown here (${error.message}). Pictures and tables stand in for it.`;
    standIn.prepend(told);
  });
})();
