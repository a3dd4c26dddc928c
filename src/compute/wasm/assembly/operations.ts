/** What the loader calls. Addresses point into the imported memory; tensors are row-major without padding. */
export { addTerm, gate, requantise, update } from "./elementwise";
export { multiplyRows, multiplyTiles, packRows, packTiles } from "./products";
export { argmax, setColumn, softmaxGradient, transpose } from "./rows";
