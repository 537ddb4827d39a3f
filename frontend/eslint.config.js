// Biome formats and sorts; this holds what needs types, and which way imports point.
import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "src/client", "src/routeTree.gen.ts", ".results"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } },
    },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "max-lines": ["error", 250],
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "EventSource", message: "It cannot send the access token: ~/api/live." },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "What comes from AWS or from people is text.",
        },
      ],
      // The router redirects by throwing.
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
    },
  },
  {
    files: ["src/features/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["~/features/*"],
              message: "A feature imports no other: pages compose.",
            },
            { group: ["~/routes/*"], message: "Imports point from pages to features." },
          ],
        },
      ],
    },
  },
  {
    files: ["src/parts/**", "src/api/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["~/features/*", "~/routes/*"], message: "It is below them." },
          ],
        },
      ],
    },
  },
  { files: ["tools/**", "e2e/**"], rules: { "no-console": "off" } },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
