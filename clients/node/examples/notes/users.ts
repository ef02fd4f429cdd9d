/**
 * The accounts, with their passwords as salted hashes, and their notebooks. Nothing here deals with sessions.
 *
 * A real application keeps both in a database. Here they are in memory, so they are gone when the application ends;
 * the sessions are not, since Redis has them.
 */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";

const stretch = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** One of the settings that OWASP recommends: 16 MiB of memory and some tenths of a second for each guess. */
const cost: ScryptOptions = { N: 2 ** 14, r: 8, p: 5 };

export interface Account {
  /** What the user types to log in, and how the server's index of users names them. */
  readonly user: string;
  readonly name: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

async function made(user: string, name: string, password: string): Promise<Account> {
  const salt = randomBytes(16);
  return { user, name, salt, hash: await stretch(password, salt, 32, cost) };
}

const accounts = await Promise.all([made("ada", "Ada", "lovelace"), made("grace", "Grace", "hopper")]);
const nobody = await made("", "", randomBytes(16).toString("hex"));

/** The account with this name and password, if there is one. */
export async function authenticated(user: string, password: string): Promise<Account | undefined> {
  // An unknown name takes as long as a wrong password; otherwise the time would tell which names exist.
  const account = accounts.find((one) => one.user === user) ?? nobody;
  const hash = await stretch(password, account.salt, 32, cost);
  return timingSafeEqual(hash, account.hash) && account !== nobody ? account : undefined;
}

export interface Note {
  readonly title: string;
  readonly text: string;
  /** When it was written, a Unix time in milliseconds. */
  readonly written: number;
}

const notebooks = new Map<string, Map<string, Note>>();

/** The notes of a user by their ids, the latest last. */
export function notebook(user: string): Map<string, Note> {
  let notes = notebooks.get(user);
  if (notes === undefined) notebooks.set(user, (notes = new Map<string, Note>()));
  return notes;
}
