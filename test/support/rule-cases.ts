import { TYPE_RANGES } from "../../src/compute/checks.ts";
import { joinSections, SectionBuilder, type TensorSpec } from "../../src/compute/program-builder.ts";
import type { OperationEntry, OperationName, Program, Role, Section, TensorEntry } from "../../src/compute/program.ts";
import { submissionOf, submissionOfHead, type Submission } from "./program-submission.ts";
import { initOf, RULE_PROGRAMS } from "./rule-programs.ts";

/** A submission that breaks one rule: the code of TypeScript's error and the name of the contract's. */
export interface RuleCase {
  readonly what: string;
  readonly submission: Submission;
  readonly code: string;
  readonly error: string;
}

type Match<Entry> = (entry: Entry, index: number) => boolean;

const { trained, images, shares, constants, answering } = RULE_PROGRAMS as Readonly<
  Record<"trained" | "images" | "shares" | "constants" | "answering", Program>
>;
const TENSORS_AT = 256;
const I32 = TYPE_RANGES.i32;

function changeFirst<Entry>(entries: readonly Entry[], match: Match<Entry>, change: Partial<Entry>): Entry[] {
  const at = entries.findIndex(match);
  if (at < 0) throw new RangeError("no entry matches");
  return entries.map((entry, index) => (index === at ? { ...entry, ...change } : entry));
}

function withTensor(program: Program, match: Match<TensorEntry>, change: Partial<TensorEntry>): Submission {
  return submissionOf({ ...program, tensors: changeFirst(program.tensors, match, change) });
}

function withOperation(program: Program, match: Match<OperationEntry>, change: Partial<OperationEntry>): Submission {
  return submissionOf({ ...program, operations: changeFirst(program.operations, match, change) });
}

/** Another tensor in the place that the first operation of a name writes. */
function withOutput(program: Program, name: OperationName, change: Partial<TensorEntry>): Submission {
  const output = program.operations.find((entry) => entry.name === name)?.output;
  return withTensor(program, (_, index) => index === output, change);
}

const operation =
  (name: OperationName, section?: Section): Match<OperationEntry> =>
  (entry) =>
    entry.name === name && (section === undefined || entry.section === section);

const role =
  (name: Role, section?: Section): Match<TensorEntry> =>
  (entry) =>
    entry.role === name && (section === undefined || entry.section === section);

const output =
  (section: Section): Match<TensorEntry> =>
  (entry) =>
    entry.section === section && entry.output !== undefined;

/** A head with other bytes at some place. */
function withBytes(program: Program, at: number, ...bytes: readonly number[]): Submission {
  const { head, constants: files } = submissionOf(program);
  head.set(bytes, at);
  return { head, constants: files };
}

function operationsAt(program: Program): number {
  return TENSORS_AT + Math.ceil(program.tensors.length / 8) * 256;
}

/** One operation in a step of its own besides a small model; operands are weights, or of the role that they say. */
function single(
  name: OperationName,
  operands: readonly TensorSpec[],
  out: TensorSpec,
  parameters: Partial<Pick<OperationEntry, "shift" | "multiplier" | "arguments">> = {},
): Submission {
  const slots = [{ type: "i16", rows: 1, columns: 1, bounds: [-1, 1] } as const, ...operands];
  const step = new SectionBuilder("step");
  const given = slots.map((spec, index) => step.tensor({ ...spec, role: "weights", index }));
  given.forEach((tensor, slot) => {
    const { type, rows, columns, lowest, highest } = tensor.entry;
    step.operation("reshape", [tensor], { type, rows, columns, bounds: [lowest, highest], output: slot });
  });
  step.operation(name, given.slice(1), out, parameters);
  return submissionOf(joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [initOf(...slots), step]));
}

/** A step of `count` operations that nobody needs. */
function longStep(count: number): Submission {
  const spec = { type: "i16", rows: 1, columns: 1, bounds: [-1, 1] } as const;
  const step = new SectionBuilder("step");
  const given = step.tensor({ ...spec, role: "weights" });
  step.operation("reshape", [given], { ...spec, output: 0 });
  while (step.operations.length < count) step.operation("reshape", [given], spec);
  return submissionOf(joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [initOf(spec), step]));
}

/** `trained` with another file in place of its table. */
function withOtherTable(bounds: Partial<TensorEntry>): Submission {
  const { head, constants: files } = withTensor(trained, role("constant"), bounds);
  return { head, constants: files.map((file) => file.map((byte, index) => (index === 4 ? byte ^ 1 : byte))) };
}

/** `answering` with a tensor of `average`. */
function averageOfOne(): Submission {
  const at = answering.tensors.findIndex((entry) => entry.section === "infer");
  const entry = { ...(answering.tensors[at - 1] as TensorEntry), output: undefined, section: "average" } as const;
  const moved = (index: number): number => (index >= at ? index + 1 : index);
  return submissionOf({
    ...answering,
    tensors: [...answering.tensors.slice(0, at), { ...entry, role: "partWeights" }, ...answering.tensors.slice(at)],
    operations: answering.operations.map((each) => ({
      ...each,
      output: moved(each.output),
      operands: each.operands.map(moved),
    })),
  });
}

const SHORT: TensorSpec = { type: "i16", rows: 2, columns: 6, bounds: [-9, 9] };
const lastTensorByte = TENSORS_AT + 32 * answering.tensors.length;
const shareSum = shares.operations.find(operation("sum")) as OperationEntry;
const counted = shares.operations.find(operation("count")) as OperationEntry;

/** At least one case of every rule. */
export const RULE_CASES: readonly RuleCase[] = (
  [
    ["another magic", withBytes(trained, 0, 0x67), "PROGRAM_MALFORMED", "Format"],
    ["another version", withBytes(trained, 9, 2), "PROGRAM_MALFORMED", "Format"],
    ["an empty head", submissionOfHead(new Uint8Array()), "PROGRAM_MALFORMED", "HeadBytes"],
    ["half a header", submissionOfHead(submissionOf(answering).head.slice(0, 128)), "PROGRAM_MALFORMED", "HeadBytes"],
    [
      "no operations' table",
      submissionOfHead(submissionOf(answering).head.slice(0, -256)),
      "PROGRAM_MALFORMED",
      "HeadBytes",
    ],
    [
      "a leaf too many",
      submissionOfHead(Uint8Array.from([...submissionOf(answering).head, ...new Uint8Array(256)])),
      "PROGRAM_MALFORMED",
      "HeadBytes",
    ],
    [
      "a byte too many",
      submissionOfHead(Uint8Array.from([...submissionOf(answering).head, 0])),
      "PROGRAM_MALFORMED",
      "HeadBytes",
    ],
    ["a head of 96 leaves", longStep(375), "HEAD_TOO_LONG", "HeadTooLong"],
    ["no parts", submissionOf({ ...trained, parts: 0 }), "HEADER_RANGE", "HeaderRange"],
    ["no batch", submissionOf({ ...trained, batch: 0 }), "HEADER_RANGE", "HeaderRange"],
    ["a batch too large", submissionOf({ ...trained, batch: 65_537 }), "HEADER_RANGE", "HeaderRange"],
    ["no steps", submissionOf({ ...trained, stepsPerPart: 0 }), "HEADER_RANGE", "HeaderRange"],
    ["too many steps", submissionOf({ ...trained, stepsPerPart: 2 ** 20 + 1 }), "HEADER_RANGE", "HeaderRange"],
    ["a byte after the parts", withBytes(trained, 15, 1), "PROGRAM_MALFORMED", "UnusedBytes"],
    ["a byte after the steps", withBytes(trained, 24, 1), "PROGRAM_MALFORMED", "UnusedBytes"],
    ["a byte at the header's end", withBytes(trained, 255, 1), "PROGRAM_MALFORMED", "UnusedBytes"],
    ["a byte after the tensors", withBytes(answering, lastTensorByte, 1), "PROGRAM_MALFORMED", "UnusedBytes"],
    ["a byte in an operation", withBytes(trained, operationsAt(trained) + 11, 1), "PROGRAM_MALFORMED", "UnusedBytes"],
    [
      "a byte after the operations",
      withBytes(answering, operationsAt(answering) + 96, 1),
      "PROGRAM_MALFORMED",
      "UnusedBytes",
    ],
    ["element type 0", withBytes(trained, TENSORS_AT, 0), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["element type 6", withBytes(trained, TENSORS_AT, 6), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["role 10", withBytes(trained, TENSORS_AT + 1, 10), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["section 5", withBytes(trained, TENSORS_AT + 4, 5), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["extent 7 of rows", withBytes(trained, TENSORS_AT + 6, 7), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["extent 7 of columns", withBytes(trained, TENSORS_AT + 7, 7), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["operation 0", withBytes(trained, operationsAt(trained), 0), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["operation 26", withBytes(trained, operationsAt(trained), 26), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["an operation of section 5", withBytes(trained, operationsAt(trained) + 1, 5), "PROGRAM_MALFORMED", "CodeUnknown"],
    ["an operand after none", withBytes(trained, operationsAt(trained) + 6, 0, 0), "PROGRAM_MALFORMED", "OperandGap"],
    [
      "an argument of 54 bits",
      withBytes(trained, operationsAt(trained) + 16, 0, 0x20, 0, 0),
      "PROGRAM_MALFORMED",
      "ArgumentRange",
    ],
    [
      "an argument of 54 bits below 0",
      withBytes(trained, operationsAt(trained) + 24, 0xff, 0xe0, 0, 0),
      "PROGRAM_MALFORMED",
      "ArgumentRange",
    ],
    [
      "tensors out of order",
      submissionOf({ ...answering, tensors: [...answering.tensors].reverse() }),
      "SECTION_ORDER",
      "SectionOrder",
    ],
    [
      "operations out of order",
      submissionOf({ ...answering, operations: [...answering.operations].reverse() }),
      "SECTION_ORDER",
      "SectionOrder",
    ],
    ["a section of 128 operations", longStep(128), "SECTION_TOO_LONG", "SectionTooLong"],

    ["no rows", withTensor(trained, role("query"), { rows: 0 }), "PROGRAM_MALFORMED", "TensorSize"],
    ["no columns", withTensor(trained, role("query"), { columns: 0 }), "PROGRAM_MALFORMED", "TensorSize"],
    ["too many rows", withTensor(trained, role("samples"), { rows: 2 ** 26 + 1 }), "PROGRAM_MALFORMED", "TensorSize"],
    [
      "too many columns",
      withTensor(trained, role("query"), { columns: 2 ** 26 + 1 }),
      "PROGRAM_MALFORMED",
      "TensorSize",
    ],
    [
      "too many elements",
      withTensor(shares, role("records"), { rows: 2 ** 26, columns: 2 ** 11 }),
      "PROGRAM_MALFORMED",
      "TensorSize",
    ],
    [
      "tensors that fill a machine",
      withTensor(trained, role("query"), { rows: 2 ** 24 }),
      "TENSOR_TOO_LARGE",
      "Elements",
    ],
    [
      "bounds upside down",
      withTensor(trained, role("weights"), { lowest: 5n, highest: 4n }),
      "BOUNDS_MISMATCH",
      "TypeRange",
    ],
    [
      "bounds above the type",
      withTensor(trained, role("weights"), { highest: 32_768n }),
      "BOUNDS_MISMATCH",
      "TypeRange",
    ],
    ["bounds below the type", withTensor(trained, role("query"), { lowest: -1n }), "BOUNDS_MISMATCH", "TypeRange"],
    [
      "a model of a job's size",
      withTensor(trained, output("init"), { rowExtent: "samples" }),
      "EXTENT_UNKNOWN",
      "Extent",
    ],
    ["accounts in a step", withTensor(trained, role("samples"), { rowExtent: "accounts" }), "EXTENT_UNKNOWN", "Extent"],
    [
      "samples in an answer",
      withTensor(trained, output("infer"), { rowExtent: "samples" }),
      "EXTENT_UNKNOWN",
      "Extent",
    ],
    [
      "chunks of samples in a step",
      withTensor(trained, role("weights"), { columnExtent: "sampleChunks" }),
      "EXTENT_UNKNOWN",
      "Extent",
    ],
    [
      "a constant of a job's size",
      withTensor(trained, role("constant"), { columnExtent: "samples" }),
      "EXTENT_UNKNOWN",
      "Extent",
    ],

    [
      "samples that are signed",
      withTensor(trained, role("samples"), { type: "i8", lowest: -128n, highest: 127n }),
      "ROLE_INVALID",
      "Role",
    ],
    [
      "samples of less than their type",
      withTensor(trained, role("samples"), { highest: 254n }),
      "ROLE_INVALID",
      "Role",
    ],
    [
      "samples of a fixed number",
      withTensor(trained, role("samples"), { rowExtent: "static" }),
      "ROLE_INVALID",
      "Role",
    ],
    ["samples as columns", withTensor(trained, role("samples"), { columnExtent: "samples" }), "ROLE_INVALID", "Role"],
    ["labels in two columns", withTensor(trained, role("labels"), { columns: 2 }), "ROLE_INVALID", "Role"],
    ["labels with an index", withTensor(trained, role("labels"), { index: 1 }), "ROLE_INVALID", "Role"],
    ["a computed tensor with an index", withTensor(trained, role("computed"), { index: 1 }), "ROLE_INVALID", "Role"],
    [
      "labels twice",
      withTensor(images, role("computed", "step"), { ...(images.tensors.find(role("samples")) as TensorEntry) }),
      "ROLE_INVALID",
      "Role",
    ],
    [
      "a query that is signed",
      withTensor(trained, role("query"), { type: "i8", lowest: -128n, highest: 127n }),
      "ROLE_INVALID",
      "Role",
    ],
    [
      "a query in a step",
      withTensor(trained, role("samples"), { role: "query", rowExtent: "static" }),
      "ROLE_INVALID",
      "Role",
    ],
    ["records of 255 bytes", withTensor(shares, role("records"), { columns: 255 }), "ROLE_INVALID", "Role"],
    ["credits in two columns", withTensor(shares, role("credits"), { columns: 2 }), "ROLE_INVALID", "Role"],
    ["credits of samples", withTensor(shares, role("credits"), { rowExtent: "samples" }), "ROLE_INVALID", "Role"],
    ["terms in two rows", withTensor(shares, role("terms"), { rows: 2 }), "ROLE_INVALID", "Role"],
    ["seven terms", withTensor(shares, role("terms"), { columns: 7 }), "ROLE_INVALID", "Role"],
    ["terms below 0", withTensor(shares, role("terms"), { lowest: -1n }), "ROLE_INVALID", "Role"],
    ["terms beyond 50 bits", withTensor(shares, role("terms"), { highest: 2n ** 50n }), "ROLE_INVALID", "Role"],
    ["weights in an average", withTensor(trained, role("partWeights"), { role: "weights" }), "ROLE_INVALID", "Role"],
    [
      "a part's weights in a step",
      withTensor(trained, role("weights"), { role: "partWeights" }),
      "ROLE_INVALID",
      "Role",
    ],
    ["weights as output", withTensor(trained, role("weights"), { output: 0 }), "OUTPUT_INVALID", "OutputSlot"],
    ["a slot given twice", withTensor(images, role("computed", "step"), { output: 0 }), "OUTPUT_INVALID", "OutputSlot"],

    ["a constant too few", { ...submissionOf(trained), constants: [] }, "PROGRAM_MALFORMED", "ConstantCount"],
    [
      "a constant too many",
      { ...submissionOf(trained), constants: [...submissionOf(trained).constants, new Uint8Array(256)] },
      "PROGRAM_MALFORMED",
      "ConstantCount",
    ],
    [
      "a constant somewhere else",
      withTensor(trained, role("constant"), { index: 15 }),
      "CONSTANT_INVALID",
      "ConstantPlace",
    ],
    ["a constant larger than a file", withConstantRows(), "PROGRAM_MALFORMED", "FileTooLong"],
    [
      "a constant that claims bounds",
      withTensor(constants, role("constant"), { lowest: -100n }),
      "BOUNDS_MISMATCH",
      "ConstantBounds",
    ],
    ["another file for the table", withOtherTable({}), "BOUNDS_MISMATCH", "ConstantBounds"],
    [
      "a table with other bounds",
      withTensor(trained, role("constant"), { highest: 65_535n }),
      "BOUNDS_MISMATCH",
      "ConstantBounds",
    ],
    [
      "a table with its type's bounds",
      withTensor(trained, role("constant"), { lowest: I32[0], highest: I32[1] }),
      "BOUNDS_MISMATCH",
      "ConstantBounds",
    ],
    ["an unknown table", withOtherTable({ lowest: I32[0], highest: I32[1] }), "TABLE_UNKNOWN", "Table"],
    [
      "a tensor that nothing writes",
      submissionOf({ ...images, operations: images.operations.filter(({ name }) => name !== "tail") }),
      "TENSOR_UNWRITTEN",
      "Unwritten",
    ],

    ["no model", withTensor(trained, output("init"), { output: undefined }), "WEIGHTS_MISMATCH", "WeightsSlots"],
    ["a model without slot 0", withTensor(trained, output("init"), { output: 1 }), "WEIGHTS_MISMATCH", "WeightsSlots"],
    [
      "a step that gives nothing",
      withTensor(trained, output("step"), { output: undefined }),
      "WEIGHTS_MISMATCH",
      "WeightsSlots",
    ],
    [
      "an average that gives nothing",
      withTensor(trained, output("average"), { output: undefined }),
      "WEIGHTS_MISMATCH",
      "WeightsSlots",
    ],
    ["an average of one part", submissionOf({ ...trained, parts: 1 }), "WEIGHTS_MISMATCH", "WeightsSlots"],
    ["an average's tensor of one part", averageOfOne(), "WEIGHTS_MISMATCH", "Average"],
    [
      "weights narrower than they were written",
      withTensor(trained, role("weights", "infer"), { highest: 5n }),
      "WEIGHTS_MISMATCH",
      "Weights",
    ],
    [
      "weights of a slot that there is not",
      withTensor(constants, role("weights"), { index: 1 }),
      "WEIGHTS_MISMATCH",
      "Weights",
    ],
    ["a part too many", withTensor(trained, role("partWeights"), { index: 512 }), "WEIGHTS_MISMATCH", "Weights"],
    [
      "a part of a slot that there is not",
      withTensor(trained, role("partWeights"), { index: 1 }),
      "WEIGHTS_MISMATCH",
      "Weights",
    ],
    ["parts of what is not trained", submissionOf({ ...answering, parts: 2 }), "WEIGHTS_MISMATCH", "Untrained"],
    ["steps of what is not trained", submissionOf({ ...answering, stepsPerPart: 2 }), "WEIGHTS_MISMATCH", "Untrained"],
    ["a batch of what is not trained", submissionOf({ ...answering, batch: 2 }), "WEIGHTS_MISMATCH", "Untrained"],
    ["no answer", withTensor(answering, output("infer"), { output: undefined }), "RESULT_INVALID", "Result"],
    ["an answer in slot 1", withTensor(answering, output("infer"), { output: 1 }), "RESULT_INVALID", "Result"],
    ["an answer in columns", submissionOf(answerInColumns()), "RESULT_INVALID", "Result"],
    [
      "a second allocation",
      withTensor(shares, role("computed", "allocate"), { output: 1 }),
      "RESULT_INVALID",
      "Result",
    ],

    ["an operand too few", withOperation(trained, operation("matmul"), { operands: [0] }), "ARITY_MISMATCH", "Arity"],
    [
      "an operand too many",
      withOperation(trained, operation("argmax"), { operands: [1, 1] }),
      "ARITY_MISMATCH",
      "Arity",
    ],
    [
      "an output that does not exist",
      withOperation(trained, operation("argmax"), { output: 999 }),
      "OPERAND_INVALID",
      "Output",
    ],
    [
      "an output of another section",
      withOperation(trained, operation("argmax"), { output: 0 }),
      "OUTPUT_INVALID",
      "Output",
    ],
    [
      "an output from outside",
      withOperation(trained, operation("gather"), { output: trained.tensors.findIndex(role("labels")) }),
      "OUTPUT_INVALID",
      "Output",
    ],
    [
      "a tensor written twice",
      submissionOf({ ...trained, operations: [trained.operations[0] as OperationEntry, ...trained.operations] }),
      "OUTPUT_INVALID",
      "Output",
    ],
    [
      "an operand that does not exist",
      withOperation(trained, operation("transpose"), { operands: [999] }),
      "OPERAND_INVALID",
      "Operand",
    ],
    [
      "an operand of another section",
      withOperation(trained, operation("transpose"), { operands: [0] }),
      "OPERAND_INVALID",
      "Operand",
    ],
    [
      "an operand that is not written yet",
      withOperation(trained, operation("requantise"), {
        operands: [trained.operations.find(operation("update"))?.output ?? 0],
      }),
      "OPERAND_INVALID",
      "Operand",
    ],
    [
      "an operation that reads what it writes",
      withOperation(trained, operation("requantise"), {
        operands: [trained.operations.find(operation("requantise"))?.output ?? 0],
      }),
      "OPERAND_INVALID",
      "Operand",
    ],
    [
      "a dataset that is not gathered",
      withOperation(trained, operation("setColumn"), { operands: [trained.tensors.findIndex(role("samples"))] }),
      "OPERAND_INVALID",
      "Operand",
    ],

    [
      "a parameter without use",
      withOperation(trained, operation("matmul"), { shift: 1 }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "an argument without use",
      withOperation(trained, operation("matmul"), { arguments: [0, -1] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a multiplier of 32 bits",
      withOperation(trained, operation("requantise"), { multiplier: 2 ** 31 }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a multiplier of 0",
      withOperation(trained, operation("requantise"), { multiplier: 0 }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    ["a shift of 0", withOperation(trained, operation("requantise"), { shift: 0 }), "PARAMETER_INVALID", "Parameter"],
    ["a shift of 31", withOperation(trained, operation("update"), { shift: 31 }), "PARAMETER_INVALID", "Parameter"],
    [
      "a stream below 0",
      withOperation(trained, operation("init"), { arguments: [-1, 0] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a column beyond the last",
      withOperation(trained, operation("setColumn"), { arguments: [8, 255] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a field beyond the record",
      withOperation(shares, operation("column"), { arguments: [253, 0] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    ["a field across leaves", wideField(2 ** 18 - 2), "PARAMETER_INVALID", "Parameter"],
    [
      "a pool that there is not",
      withOperation(shares, operation("proportion"), { arguments: [5, 5] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a total that there is not",
      withOperation(shares, operation("proportion"), { arguments: [1, 7] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "images without height",
      withOperation(images, operation("unfold"), { arguments: [4, 0x30101] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "images that are too wide",
      withOperation(images, operation("unfold"), { arguments: [0x41001, 0x30101] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "no kernel",
      withOperation(images, operation("unfold"), { arguments: [0x40004, 0x101] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "a kernel of 65",
      withOperation(images, operation("unfold"), { arguments: [0x40004, 0x410140] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows that lie apart",
      withOperation(images, operation("unfold"), { arguments: [0x40004, 0x30401] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows that stand still",
      withOperation(images, operation("unfold"), { arguments: [0x40004, 0x30001] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows in the padding",
      withOperation(images, operation("unfold"), { arguments: [0x40004, 0x30103] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows larger than the image",
      withOperation(images, operation("unfold"), { arguments: [0x100001, 0x60101] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows wider than the image",
      withOperation(images, operation("unfold"), { arguments: [0x10010, 0x60101] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "windows that overlap in a fold",
      withOperation(images, operation("fold"), { arguments: [0x40004, 0x20100] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "padding in a fold",
      withOperation(images, operation("fold"), { arguments: [0x40004, 0x20201] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "images that a fold does not tile",
      withOperation(images, operation("fold"), { arguments: [0x50004, 0x20200] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "images that a fold does not tile across",
      withOperation(images, operation("fold"), { arguments: [0x40005, 0x20200] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "no groups to pool",
      withOperation(images, operation("maxPool"), { arguments: [0, 0] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "no groups to spread over",
      withOperation(images, operation("poolGradient"), { arguments: [-1, 0] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "no area to rotate",
      withOperation(images, operation("rotate"), { arguments: [0, 0] }),
      "PARAMETER_INVALID",
      "Parameter",
    ],
    [
      "half an image",
      single("unfold", [SHORT], SHORT, { arguments: [0x10004, 0x10100] }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    [
      "half an image to fold",
      single("fold", [SHORT], SHORT, { arguments: [0x10004, 0x10100] }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    [
      "half a window to fold",
      single("fold", [SHORT], SHORT, { arguments: [0x20004, 0x20200] }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    [
      "half a kernel",
      withOperation(images, operation("rotate"), { arguments: [4, 0] }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    [
      "half a group",
      withOperation(images, operation("maxPool"), { arguments: [3, 0] }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    [
      "an element more by reshaping",
      single("reshape", [SHORT], { ...SHORT, rows: 13, columns: 1 }),
      "PARAMETER_INVALID",
      "ElementCount",
    ],
    ["samples that an answer gathers", gatherInAnswer(), "PARAMETER_INVALID", "OperationSection"],
    [
      "weights that are gathered",
      withOperation(trained, operation("gather"), { operands: [trained.tensors.findIndex(role("weights"))] }),
      "PARAMETER_INVALID",
      "OperandExtent",
    ],
    [
      "counts of a fixed number",
      withTensor(shares, (_, index) => index === counted.output, { columnExtent: "static", rows: 1, columns: 9 }),
      "PARAMETER_INVALID",
      "OperandExtent",
    ],
    ["a column that only some jobs have", columnOfColumns(), "PARAMETER_INVALID", "OperandExtent"],
    [
      "shares of what is not the terms",
      withOperation(shares, operation("proportion"), { operands: [counted.output, counted.output] }),
      "PARAMETER_INVALID",
      "OperandRole",
    ],
    [
      "negative counts",
      withTensor(shares, (_, index) => index === counted.output, { lowest: -1n }),
      "PARAMETER_INVALID",
      "Lowest",
    ],
    ["negative shares", withOutput(shares, "proportion", { lowest: -1n }), "PARAMETER_INVALID", "Lowest"],

    [
      "a product in 16 bits",
      withOutput(trained, "matmul", { type: "i16", lowest: -5n, highest: 5n }),
      "TYPE_MISMATCH",
      "Type",
    ],
    [
      "wide operands",
      single("matmul", [{ ...SHORT, type: "i32" }, SHORT], { type: "i32", rows: 2, columns: 2 }),
      "TYPE_MISMATCH",
      "Type",
    ],
    ["a batch other than the gathered rows", submissionOf({ ...trained, batch: 5 }), "SHAPE_MISMATCH", "Shape"],
    ["a product's shape", withOutput(trained, "matmul", { columns: 4 }), "SHAPE_MISMATCH", "Shape"],
    [
      "a sum in two columns",
      withTensor(shares, (_, index) => index === shareSum.output, { columns: 2 }),
      "SHAPE_MISMATCH",
      "Shape",
    ],
    [
      "chunks of chunks",
      withTensor(shares, (_, index) => index === shareSum.operands[0], { rowExtent: "sampleChunks" }),
      "SHAPE_MISMATCH",
      "Shape",
    ],
    ["counts of chunks", countOfChunks(), "SHAPE_MISMATCH", "Chunks"],
    ["a product's bounds", withOutput(trained, "matmul", { highest: 1000n }), "BOUNDS_MISMATCH", "Bounds"],
    [
      "a column's value",
      withOperation(trained, operation("setColumn"), { arguments: [0, 256] }),
      "BOUNDS_MISMATCH",
      "Bounds",
    ],
    [
      "padding below the bounds",
      single(
        "unfold",
        [{ ...SHORT, bounds: [3, 9] }],
        { ...SHORT, rows: 2, columns: 54, bounds: [3, 9] },
        { arguments: [0x10002, 0x30101] },
      ),
      "BOUNDS_MISMATCH",
      "Bounds",
    ],
    [
      "a chain's bounds",
      single("accumulate", [SHORT, SHORT], { type: "i32", rows: 2, columns: 2, bounds: [-243, 243] }, { shift: 1 }),
      "BOUNDS_MISMATCH",
      "Bounds",
    ],
    [
      "a multiplier that could overflow",
      withOperation(trained, operation("requantise"), { multiplier: 2 ** 20 }),
      "OVERFLOW",
      "Overflow",
    ],
    [
      "a product that could overflow",
      single(
        "matmul",
        [
          { ...SHORT, bounds: [-32_768, 9] },
          { ...SHORT, bounds: [-32_768, 9] },
        ],
        { type: "i32", rows: 2, columns: 2 },
      ),
      "OVERFLOW",
      "Overflow",
    ],
    [
      "a chunk that could overflow",
      single(
        "accumulate",
        [
          { ...SHORT, bounds: [-32_768, 9] },
          { ...SHORT, bounds: [-32_768, 9] },
        ],
        { type: "i32", rows: 2, columns: 2 },
        { shift: 30 },
      ),
      "OVERFLOW",
      "Overflow",
    ],
    [
      "a sum that could overflow",
      withTensor(shares, (_, index) => index === shareSum.output, { highest: 2n ** 63n - 1n }),
      "OVERFLOW",
      "Overflow",
    ],
    [
      "noise that could overflow",
      withOperation(trained, operation("init"), { multiplier: 2 ** 23 }),
      "OVERFLOW",
      "Overflow",
    ],
    [
      "a row of 1,025",
      single(
        "matmul",
        [
          { ...SHORT, columns: 1025 },
          { ...SHORT, columns: 1025 },
        ],
        { type: "i32", rows: 2, columns: 2 },
      ),
      "ROW_TOO_LONG",
      "RowTooLong",
    ],
    [
      "windows of 1,026",
      single("maxPool", [{ ...SHORT, columns: 1026 }], { ...SHORT, columns: 513 }, { arguments: [2, 0] }),
      "ROW_TOO_LONG",
      "RowTooLong",
    ],
  ] as const
).map(([what, submission, code, error]) => ({ what, submission, code: `COMPUTE_${code}`, error: `Program${error}` }));

/** A constant of 2^20 rows of 8 bytes at the next multiple of its size. */
function withConstantRows(): Submission {
  const at = TENSORS_AT + 32 * constants.tensors.findIndex(role("constant"));
  const { head } = withBytes(constants, at + 8, 0, 0x10, 0, 0);
  head.set([0x80, 0], at + 2);
  return submissionOfHead(head);
}

/** `answering` with sums for answers. */
function answerInColumns(): Program {
  const at = answering.operations.find(operation("matmul"))?.output;
  const last = answering.operations.find(operation("argmax"))?.output;
  return {
    ...answering,
    tensors: answering.tensors.map((entry, index) => ({
      ...entry,
      output: index === at ? 0 : index === last ? undefined : entry.output,
    })),
  };
}

function gatherInAnswer(): Submission {
  const query = answering.tensors.findIndex(role("query"));
  const sums = answering.operations.find(operation("matmul")) as OperationEntry;
  return withOperation(answering, operation("matmul"), { ...sums, name: "gather", operands: [query] });
}

/** Records, turned, whose columns are samples: column 0 is there in every job, column 4 is not. */
function columnOfColumns(): Submission {
  const { operations, tensors } = shares;
  const column = operations.find(operation("column")) as OperationEntry;
  const records = tensors[column.operands[0] ?? 0] as TensorEntry;
  const turned: TensorEntry = {
    ...records,
    role: "computed",
    rows: records.columns,
    columns: records.rows,
    rowExtent: "static",
    columnExtent: "samples",
  };
  const field: TensorEntry = { ...(tensors[column.output] as TensorEntry), rows: records.columns, rowExtent: "static" };
  const transpose: OperationEntry = { ...column, name: "transpose", output: tensors.length, arguments: [0, 0] };
  const read: OperationEntry = { ...column, output: tensors.length + 1, operands: [tensors.length] };
  return submissionOf({
    ...shares,
    tensors: [...tensors, turned, field],
    operations: [...operations, transpose, read],
  });
}

/** A field in the middle of samples so long that half of one would have to be shown for it. */
function wideField(first: number): Submission {
  const slot = { type: "i16", rows: 1, columns: 1, bounds: [-1, 1] } as const;
  const step = new SectionBuilder("step");
  const columns = 2 ** 19;
  const samples = step.tensor({ type: "u8", rows: 9, rowExtent: "samples", columns, role: "samples" });
  const row = step.operation("gather", [samples], { type: "u8", rows: 1, columns });
  step.operation("column", [row], { type: "i32", rows: 1, columns: 1 }, { arguments: [first, 0] });
  step.operation("reshape", [step.tensor({ ...slot, role: "weights", index: 0 })], { ...slot, output: 0 });
  return submissionOf(joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [initOf(slot), step]));
}

/** Counts in chunks whose greatest column is counted again. */
function countOfChunks(): Submission {
  const { operations, tensors } = shares;
  const counts = { ...(tensors[counted.output] as TensorEntry), columns: 1000 };
  const best: TensorEntry = { ...counts, columnExtent: "static", columns: 1, lowest: 0n, highest: 999n };
  const again: TensorEntry = { ...counts, rowExtent: "static", rows: 16 };
  const argmax: OperationEntry = { ...counted, name: "argmax", output: tensors.length + 1, operands: [tensors.length] };
  const count: OperationEntry = { ...counted, output: tensors.length + 2, operands: [tensors.length + 1] };
  return submissionOf({
    ...shares,
    tensors: [...tensors, counts, best, again],
    operations: [...operations, { ...counted, output: tensors.length }, argmax, count],
  });
}
