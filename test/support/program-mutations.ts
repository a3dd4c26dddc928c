import type { Dice } from "./dice.ts";
import { submissionOf, submissionOfHead, type Submission } from "./program-submission.ts";
import type { Program } from "../../src/compute/program.ts";

const HEADER_BYTES = 256;
const WORD_BYTES = 32;

/** A field: where it starts in its word, and how many bytes it has. */
type Field = readonly [at: number, bytes: number];

const HEADER: readonly Field[] = [
  [0, 8],
  [8, 2],
  [10, 2],
  [12, 2],
  [14, 1],
  [15, 1],
  [16, 4],
  [20, 4],
  [24, 8],
];
const TENSOR: readonly Field[] = [
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [7, 1],
  [8, 4],
  [12, 4],
  [16, 8],
  [24, 8],
];
const OPERATION: readonly Field[] = [
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 2],
  [6, 2],
  [8, 2],
  [10, 1],
  [11, 1],
  [12, 4],
  [16, 8],
  [24, 8],
];

/** Changes heads of programs: most are then no program any more, some are another one. */
export class HeadMutator {
  readonly #head: Buffer;
  readonly #tensors: number;
  readonly #operations: number;
  readonly #dice: Dice;

  constructor(program: Program, dice: Dice) {
    this.#head = Buffer.from(submissionOf(program).head);
    this.#tensors = program.tensors.length;
    this.#operations = program.operations.length;
    this.#dice = dice;
  }

  /** Every field of every word with `values` other values each. */
  everyField(values: number): Submission[] {
    const places = [
      ...HEADER.map((field) => [0, field] as const),
      ...this.#words().flatMap(({ at, fields }) => fields.map((field) => [at, field] as const)),
    ];
    return places.flatMap(([at, field]) =>
      Array.from({ length: values }, () =>
        this.#changed((head) => {
          this.#mutate(head, at, field);
        }),
      ),
    );
  }

  /** Several fields of any words at once. */
  someFields(): Submission {
    return this.#changed((head) => {
      for (let left = 2 + this.#dice.number(2); left > 0; left--) {
        const { at, fields } = this.#dice.pick(this.#words());
        this.#mutate(head, at, this.#dice.pick(fields));
      }
    });
  }

  /** One number, wherever it stands as rows or columns, becomes another one: shapes go on to fit each other. */
  aDimension(): Submission {
    return this.#changed((head) => {
      const tensors = this.#words().slice(0, this.#tensors);
      const from = head.readUInt32BE(this.#dice.pick(tensors).at + this.#dice.pick([8, 12]));
      const to = this.#dice.pick([from + 1, from - 1, 2 * from, 3, 1024, 1025, 2 ** 16, 2 ** 26]);
      for (const { at } of tensors) {
        for (const field of [8, 12])
          if (head.readUInt32BE(at + field) === from) head.writeUInt32BE(to >>> 0, at + field);
      }
    });
  }

  /** One bound, wherever it stands, becomes another one. */
  aBound(): Submission {
    return this.#changed((head) => {
      const tensors = this.#words().slice(0, this.#tensors);
      const field = this.#dice.pick([16, 24]);
      const from = head.readBigInt64BE(this.#dice.pick(tensors).at + field);
      const to = this.#dice.pick([from + 1n, from - 1n, 2n * from, from / 2n, 0n, -32_768n, 2n ** 31n - 1n]);
      for (const { at } of tensors) {
        if (head.readBigInt64BE(at + field) === from) head.writeBigInt64BE(BigInt.asIntN(64, to), at + field);
      }
    });
  }

  /** Words that change places, stand twice, or are gone. */
  aWord(): Submission {
    return this.#changed((head) => {
      const table = this.#dice.oneIn(2) ? this.#words().slice(0, this.#tensors) : this.#words().slice(this.#tensors);
      const [one, other] = [this.#dice.pick(table).at, this.#dice.pick(table).at];
      const [first, second] = [head.subarray(one, one + WORD_BYTES), head.subarray(other, other + WORD_BYTES)];
      const kept = Buffer.from(first);
      if (this.#dice.oneIn(3)) first.fill(0);
      else first.set(second);
      if (this.#dice.oneIn(2)) second.set(kept);
    });
  }

  /** Heads of another length, with leaves cut, doubled or added, and counts that may fit them. */
  aLength(): Submission {
    const { length } = this.#head;
    const cut = this.#dice.number(length + 1);
    const whole = Math.floor(cut / HEADER_BYTES) * HEADER_BYTES;
    const head = Buffer.from(
      this.#dice.pick([
        this.#head.subarray(0, cut),
        this.#head.subarray(0, whole),
        Buffer.concat([this.#head, Buffer.alloc(HEADER_BYTES)]),
        Buffer.concat([this.#head.subarray(0, whole), this.#head]),
        Buffer.concat([this.#head, this.#head.subarray(whole)]),
      ]),
    );
    const field = this.#dice.pick([10, 12]);
    if (head.length > HEADER_BYTES)
      head.writeUInt16BE(Math.max(0, head.readUInt16BE(field) + this.#dice.number(17) - 8), field);
    return submissionOfHead(head);
  }

  /** Constants of other bytes, perhaps with other bounds. */
  aConstant(): Submission {
    const { head, constants } = this.#dice.oneIn(2) ? this.aBound() : submissionOfHead(this.#head);
    const place = this.#dice.number(32);
    return { head, constants: constants.map((file) => file.map((byte, i) => (i === place ? byte ^ 0x10 : byte))) };
  }

  /** Any bytes at some places, or all over. */
  bytes(): Submission {
    return this.#changed((head) => {
      const start = this.#dice.oneIn(4) ? 32 : HEADER_BYTES;
      for (let left = this.#dice.pick([1, 2, 8, 500]); left > 0; left--) {
        head[start + this.#dice.number(head.length - start)] = this.#dice.number(256);
      }
    });
  }

  #changed(change: (head: Buffer) => void): Submission {
    const head = Buffer.from(this.#head);
    change(head);
    return submissionOfHead(head);
  }

  #words(): { readonly at: number; readonly fields: readonly Field[] }[] {
    const operations = HEADER_BYTES + Math.ceil(this.#tensors / 8) * HEADER_BYTES;
    return [
      ...Array.from({ length: this.#tensors }, (_, i) => ({ at: HEADER_BYTES + i * WORD_BYTES, fields: TENSOR })),
      ...Array.from({ length: this.#operations }, (_, i) => ({ at: operations + i * WORD_BYTES, fields: OPERATION })),
    ];
  }

  /** Another value: near the old one, a bound of its bits, what another word has there, or anything. */
  #mutate(head: Buffer, word: number, [at, bytes]: Field): void {
    const bits = BigInt(8 * bytes);
    const place = word + at;
    const old = BigInt(`0x${head.subarray(place, place + bytes).toString("hex")}`);
    const other = HEADER_BYTES + this.#dice.number(this.#head.length / WORD_BYTES - 8) * WORD_BYTES + at;
    const value = this.#dice.pick([
      () => old + 1n,
      () => old - 1n,
      () => 0n,
      () => 1n,
      () => old * 2n,
      () => old / 2n,
      () => -old,
      () => 2n ** (bits - 1n) - 1n,
      () => 2n ** bits - 1n,
      () => BigInt(this.#dice.number(30)),
      () => this.#dice.size(8 * bytes),
      () => BigInt(`0x${head.subarray(other, other + bytes).toString("hex")}`),
      () => BigInt(`0x${head.subarray(other, other + bytes).toString("hex")}`),
    ])();
    const digits = BigInt.asUintN(8 * bytes, value)
      .toString(16)
      .padStart(2 * bytes, "0");
    head.set(Buffer.from(digits, "hex"), place);
  }
}
