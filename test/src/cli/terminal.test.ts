import { expect } from "chai";

import { Terminal } from "../../../src/cli/terminal.ts";

function written(isTTY: boolean, use: (terminal: Terminal) => void): string {
  let text = "";
  const write = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  use(new Terminal({ stdout: { write }, stderr: { write, isTTY } }));
  return text;
}

describe("live lines", () => {
  const use = (terminal: Terminal): void => {
    terminal.progress("begin");
    terminal.live("one");
    terminal.live("two");
    terminal.result("end");
    terminal.progress("after");
  };

  it("replace each other on a terminal; the last one stands", () => {
    expect(written(true, use)).to.equal("begin\n\r\u001b[2Kone\r\u001b[2Ktwo\nend\nafter\n");
  });

  it("are lines elsewhere", () => {
    expect(written(false, use)).to.equal("begin\none\ntwo\nend\nafter\n");
  });
});
