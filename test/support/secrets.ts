import type { EmulatorOptions } from "../../emulator";

/** Known credentials, with characters that JSON, URLs and base64 each write differently. */
export const CREDENTIALS = {
  password: 'pa"ss\\w+or/d=&ü<Xyzzy>?%41 4711',
  secretKey: 'se"cret\\k+e/y=&ü<Plugh>?%41 4711',
  temporarySecretKey: 'te"mp\\k+e/y=&ü<Plover>?%41 4711',
  // A header holds no other letters.
  securityToken: 'se"curity\\t+o/ken=&<Frobozz>?%41 4711',
  token: 'to"ken\\t+o/ken=&<Zork>?%41 4711',
} as const;

/** Arguments of a tracker that a program keeps secret. */
export const ARGUMENTS = { bucketName: "hush-bucket-4711", filePrefixName: "hush_prefix.4711" } as const;

/** An account with these credentials. */
export const ACCOUNT = {
  user: { name: "alice", password: CREDENTIALS.password },
  keys: [
    { accessKey: "PERMANENTKEY", secretKey: CREDENTIALS.secretKey },
    {
      accessKey: "TEMPORARYKEY",
      secretKey: CREDENTIALS.temporarySecretKey,
      securityToken: CREDENTIALS.securityToken,
    },
  ],
} satisfies EmulatorOptions;
