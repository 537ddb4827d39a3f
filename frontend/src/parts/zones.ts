// Time zones by their IANA names.

/** What a browser says of where it is; none where it does not know. */
export const placeOf = (said: string | undefined): string | undefined =>
  said === undefined || said === "Etc/Unknown" ? undefined : said;

export const HERE = placeOf(Intl.DateTimeFormat().resolvedOptions().timeZone);

export const ZONES: readonly string[] = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC"),
];

/** All that can be chosen, with what was chosen elsewhere. */
export const withZone = (zone: string): readonly string[] =>
  zone === "" || ZONES.includes(zone) ? ZONES : [zone, ...ZONES];
