// @vitest-environment jsdom
import { AxiosError, AxiosHeaders } from "axios";
import { beforeEach, expect, it, vi } from "vitest";
import { saveFile } from "./files";
import { troubleOf } from "./problem";

const clicked: string[] = [];

beforeEach(() => {
  clicked.length = 0;
  URL.createObjectURL = () => "blob:here";
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    clicked.push(this.download);
  });
});

const file = (name: string, text: string) =>
  Promise.resolve({
    data: new Blob([text]),
    headers: { "content-disposition": `attachment; filename="${name}"` },
  });

it("saves a file under the server's name", async () => {
  await saveFile(file("resources.csv", "id\n"));
  await saveFile(
    file("resources.json", '{"items": [\n], "count": 0, "complete": true}\n'),
  );
  expect(clicked).toEqual(["resources.csv", "resources.json"]);
});

it("saves nothing of JSON that broke off", async () => {
  await expect(saveFile(file("resources.json", '{"items": [\n{}'))).rejects.toThrow();
  expect(clicked).toEqual([]);
});

it("reads why a file was refused", async () => {
  const said = { title: "Too many requests", detail: "Wait a minute.", code: "busy" };
  const config = { headers: new AxiosHeaders() };
  const data = new Blob([JSON.stringify(said)]);
  const response = { status: 429, statusText: "", headers: {}, config, data };
  const refused = new AxiosError("429", "429", config, null, response);
  const error = await saveFile(Promise.reject(refused)).catch((one: unknown) => one);
  expect(troubleOf(error).detail).toBe("Wait a minute.");
});
