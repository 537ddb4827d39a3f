import { expect, it } from "vitest";
import { arnIn, bodyOf, type Connection, shape } from "./connection";

const ARN = "arn:aws:iam::123456789012:role/CloudrotaRead";
const TYPED: Connection = {
  kind: "role",
  name: "Production",
  role_arn: ARN,
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "not to be sent",
};

it("finds the ARN in what was pasted around it", () => {
  expect(arnIn(`  "RoleArn": "${ARN}",\n`)).toBe(ARN);
  expect(arnIn(" nothing ")).toBe("nothing");
});

it("sends nothing of the kind that was not chosen", () => {
  expect(bodyOf(TYPED)).toEqual({ kind: "role", name: "Production", role_arn: ARN });
  expect(bodyOf({ ...TYPED, kind: "access_key" })).not.toHaveProperty("role_arn");
});

it.each([
  ["role_arn", { role_arn: "arn:aws:iam::1:user/x" }],
  [
    "access_key_id",
    { kind: "access_key" as const, access_key_id: "ASIAIOSFODNN7EXAMPLE" },
  ],
  ["secret_access_key", { kind: "access_key" as const, secret_access_key: "" }],
])("says what is wrong beside %s", (field, change) => {
  const judged = shape.safeParse({ ...TYPED, ...change });
  expect(judged.error?.issues.map(({ path }) => path[0])).toEqual([field]);
});
