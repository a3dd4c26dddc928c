/** What the loader calls. Addresses point into the imported memory; tensors are row-major without padding. */
export { addRow, addTerm, chain, gate, requantise, update } from "./elementwise";
export { fold, maxPool, poolGradient, rotate, unfold } from "./images";
export { packImage, packRows, packTiles } from "./packing";
export { multiplyRows, multiplyTiles, multiplyWindows } from "./products";
export { argmax, setColumn, softmaxGradient, transpose } from "./rows";
