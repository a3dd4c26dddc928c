import { expect } from "chai";

import { endpointUrl } from "../../../src/core/endpoint.ts";

describe("endpoints", () => {
  it("are HTTP addresses without a slash at the end", () => {
    expect(endpointUrl("http://127.0.0.1:5678/")).to.equal("http://127.0.0.1:5678");
    expect(endpointUrl("https://Worker.example/base")).to.equal("https://worker.example/base");
  });

  it("lead neither to files, nor to credentials, nor to a cloud's own services", () => {
    const bad = [
      "",
      "worker.example",
      "file:///etc/passwd",
      "ftp://worker.example",
      "http://user:secret@worker.example",
      "http://169.254.169.254/latest/meta-data",
      "http://2852039166/",
      "http://0xa9fea9fe/",
      "http://[fe80::1]/",
      "http://[::ffff:169.254.169.254]/",
      "http://metadata.google.internal/",
    ];
    for (const text of bad) expect(endpointUrl(text), text).to.equal(undefined);
  });
});
