import { describe, expect, it } from "vitest";
import type { AccountHealthRead } from "~/client";
import { headline } from "./headline";

const account = (
  verdict: AccountHealthRead["verdict"],
  connected = true,
): AccountHealthRead => ({
  id: verdict,
  account_id: "111122223333",
  name: "Production",
  labels: {},
  connected,
  verdict,
  as_of: null,
  services: [],
});

describe("headline", () => {
  it("calls well only what was looked at", () => {
    expect(headline([account("healthy")], 0).word).toBe("healthy");
    expect(headline([account("healthy"), account("unknown")], 0).word).toBe("unknown");
    expect(headline([account("not_watched")], 0).word).toBe("unknown");
  });

  it("lets the worst decide", () => {
    const said = headline(
      [account("healthy"), account("degraded"), account("unhealthy")],
      1,
    );
    expect(said.word).toBe("unhealthy");
    expect(said.sentence).toBe("2 of 3 accounts need you, and there is 1 open problem.");
  });

  it("does not call an installation with open problems well", () => {
    expect(headline([account("healthy")], 3).sentence).toContain("3 open problems");
  });

  it("leaves out what is not connected any more", () => {
    expect(headline([account("unhealthy", false)], 0).word).toBe("not_watched");
  });
});
