import { expect, test } from "vitest";
import { placeOf, withZone, ZONES } from "./zones";

test("a browser that does not know where it is says nothing", () => {
  expect(placeOf("Europe/Berlin")).toBe("Europe/Berlin");
  expect(placeOf("Etc/Unknown")).toBeUndefined();
  expect(placeOf(undefined)).toBeUndefined();
});

test("what was chosen elsewhere can be chosen, and each once", () => {
  expect(withZone("US/Eastern")).toEqual(["US/Eastern", ...ZONES]);
  for (const zone of ["", "UTC", "Europe/Berlin"]) {
    expect(withZone(zone)).toEqual(ZONES);
  }
  expect(new Set(ZONES).size).toBe(ZONES.length);
  expect(ZONES[0]).toBe("UTC");
});
