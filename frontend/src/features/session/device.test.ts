import { expect, it } from "vitest";
import { deviceOf } from "./device";

it("names browser and system", () => {
  const like = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
  expect(deviceOf(`${like} Chrome/140.0.0.0 Safari/537.36`)).toBe("Chrome on Linux");
  expect(deviceOf(`${like} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`)).toBe(
    "Edge on Linux",
  );
  expect(
    deviceOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Firefox/140.0"),
  ).toBe("Firefox on macOS");
});

it("shows other programs as they name themselves", () => {
  expect(deviceOf("curl/8.5.0")).toBe("curl/8.5.0");
  expect(deviceOf(null)).toBe("An unnamed program");
});
