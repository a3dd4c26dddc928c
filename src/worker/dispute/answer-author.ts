import { answerExecution, type Execution } from "../../compute/dispute/execution.ts";
import { loadProgram } from "../../compute/validate.ts";
import type { Hex } from "../../core/bytes.ts";
import { ensureCheck, ensureInput } from "../../core/errors.ts";
import type { AnswerInputs } from "../answer-inputs.ts";
import type { ChainExecution } from "./chain-execution.ts";
import type { AuthorFiles } from "./defender.ts";
import type { GameView } from "./game-reader.ts";

/** What an operator has that signed answers: the models and queries that they were made from. */
export class AnswerAuthor implements AuthorFiles {
  readonly #inputs: AnswerInputs;

  constructor(inputs: AnswerInputs) {
    this.#inputs = inputs;
  }

  answers({ subject }: GameView): boolean {
    return subject === "answer";
  }

  execution(_game: GameView, chain: ChainExecution): Promise<Execution> {
    const inputs = (): Execution =>
      answerExecution(
        loadProgram(this.#read(chain.program)),
        this.#read(chain.inputRoot),
        this.#read(chain.dataRoots[0]),
      );
    return Promise.resolve().then(inputs);
  }

  file(): Promise<Uint8Array> {
    ensureInput(false, "WORKER_FILE_UNKNOWN", "an answer has no files to demand leaves of");
  }

  #read(root: Hex): Uint8Array {
    const file = this.#inputs.read(root);
    ensureCheck(file !== undefined, "WORKER_ANSWER_INPUT_MISSING", `the file ${root} of an answer was not kept`);
    return file;
  }
}
