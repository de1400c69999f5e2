/** Meshes with fewer triangles, for what is seen only dimly. */

/**
 * A mesh whose vertices within a box of a size have become one.
 * @param {ArrayLike<number>} vertices
 * @param {ArrayLike<number>} triangles
 * @param {number} size cm
 * @returns {{kept: Uint32Array, triangles: Uint32Array}} numbers of the vertices that are kept, and corners among these
 */
export function coarser(vertices, triangles, size) {
  const count = vertices.length / 3;
  /** @type {Map<string, number>} */
  const boxes = new Map();
  /** @type {number[]} */
  const kept = [];
  const became = new Uint32Array(count);
  for (let v = 0; v < count; v += 1) {
    const key = [0, 1, 2].map((axis) => Math.round(vertices[3 * v + axis] / size)).join();
    let own = boxes.get(key);
    if (own === undefined) {
      own = kept.length;
      boxes.set(key, own);
      kept.push(v);
    }
    became[v] = own;
  }
  /** @type {number[]} */
  const found = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [became[triangles[i]], became[triangles[i + 1]], became[triangles[i + 2]]];
    if (a !== b && b !== c && a !== c) found.push(a, b, c);
  }
  return {kept: Uint32Array.from(kept), triangles: Uint32Array.from(found)};
}

/** Rows of a table, chosen by number. @param {ArrayLike<number>} values @param {number} width @param {Uint32Array} rows */
export function rowsOf(values, width, rows) {
  const found = new Float32Array(width * rows.length);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k += 1) found[width * i + k] = values[width * row + k];
  });
  return found;
}
