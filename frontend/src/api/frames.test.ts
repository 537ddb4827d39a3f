import { expect, it } from "vitest";
import { FrameReader } from "./frames";

it("gives a frame once it is whole, however it comes", () => {
  const reader = new FrameReader();
  const text =
    'retry: 2000\nid: 7\nevent: unit.changed\ndata: {"a":\ndata: 1}\n\n: heartbeat\nid: 8\n\n';
  const frames = Array.from(text).flatMap((letter) => reader.read(letter));
  expect(frames).toEqual([
    { id: "7", event: "unit.changed", data: '{"a":\n1}', retry: 2000 },
    { id: "8", event: "message", data: "", retry: null },
  ]);
});
