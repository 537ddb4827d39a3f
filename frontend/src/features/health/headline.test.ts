import { describe, expect, it } from "vitest";
import { headline } from "./headline";

describe("headline", () => {
  it("calls well only what was looked at", () => {
    expect(headline({ healthy: 1 }, 0).sentence).toBe("The account is well.");
    expect(headline({ healthy: 299, inactive: 1 }, 0).sentence).toBe(
      "All 300 accounts are well.",
    );
    expect(headline({ healthy: 299, unknown: 1 }, 0)).toEqual({
      word: "unknown",
      sentence: "Of 1 of 300 accounts it is not known how they are.",
    });
    expect(headline({ not_watched: 1 }, 0).word).toBe("unknown");
  });

  it("lets the worst decide", () => {
    const said = headline({ healthy: 1, degraded: 1, unhealthy: 1 }, 1);
    expect(said.word).toBe("unhealthy");
    expect(said.sentence).toBe("2 of 3 accounts need you, and there is 1 open problem.");
  });

  it("does not call an installation with open problems well", () => {
    expect(headline({ healthy: 1 }, 3).sentence).toContain("3 open problems");
  });

  it("says that there is none yet", () => {
    expect(headline({}, 0).word).toBe("not_watched");
  });
});
