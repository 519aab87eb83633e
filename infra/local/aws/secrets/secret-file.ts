import * as z from 'zod';
import { readJson, writeJson } from '../../state/json-file.ts';

const zVersion = z.strictObject({
  id: z.string(),
  value: z.string(),
  createdAt: z.number(),
});

const zStoredSecret = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  createdAt: z.number(),
  changedAt: z.number(),
  deletedAt: z.number().optional(),
  /** When a scheduled deletion becomes final. */
  purgeAt: z.number().optional(),
  current: zVersion,
  previous: zVersion.optional(),
});
export type StoredSecret = z.infer<typeof zStoredSecret>;

const zFile = z.strictObject({ format: z.literal(1), secrets: z.array(zStoredSecret) });

/** The file is not one of ours, or is damaged: the message says what to do and shows nothing of it. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

/** Secrets by name, in memory and, where there is a file, in it as soon as they are `saved`. */
export class SecretFile {
  readonly #file: string | undefined;
  readonly #secrets: Map<string, StoredSecret>;
  #writing: Promise<void> = Promise.resolve();
  #changed = false;

  private constructor(file: string | undefined, secrets: readonly StoredSecret[]) {
    this.#file = file;
    this.#secrets = new Map(secrets.map((secret) => [secret.name, secret]));
  }

  static inMemory(): SecretFile {
    return new SecretFile(undefined, []);
  }

  /** @throws SecretFileError */
  static async open(file: string | undefined): Promise<SecretFile> {
    if (file === undefined) return SecretFile.inMemory();
    // Neither a parser's nor a schema's message may be shown: both can quote a secret.
    const content = await readJson(file).catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    });
    if (content === undefined) return new SecretFile(file, []);
    const parsed = zFile.safeParse(content);
    if (!parsed.success) {
      throw new SecretFileError(
        `the file of secrets is damaged, or Nija did not write it. Restore it from a copy, or move it away and register the accounts again (given '${file}')`,
      );
    }
    return new SecretFile(file, parsed.data.secrets);
  }

  all(): readonly StoredSecret[] {
    return [...this.#secrets.values()];
  }

  get(name: string): StoredSecret | undefined {
    return this.#secrets.get(name);
  }

  put(secret: StoredSecret): void {
    this.#secrets.set(secret.name, secret);
    this.#changed = true;
  }

  remove(name: string): void {
    this.#secrets.delete(name);
    this.#changed = true;
  }

  /** Resolves when what was changed since the last call is on disk. */
  saved(): Promise<void> {
    const file = this.#file;
    if (file === undefined || !this.#changed) return Promise.resolve();
    this.#changed = false;
    const write = () => writeJson(file, { format: 1, secrets: this.all() });
    const written = this.#writing.then(write);
    // A failed write is its caller's error; the next one starts afresh.
    this.#writing = written.catch(() => {});
    return written;
  }
}
