/** Whether `caller` (an access key id) may do `action` (`secretsmanager:GetSecretValue`) to the resource of that name. */
export type AccessPolicy = (caller: string, action: string, name: string) => boolean;

export interface Grant {
  /** `secretsmanager:GetSecretValue`; `*` for all. */
  readonly actions: readonly string[];
  /** Of the resource's name; an empty one for all. */
  readonly prefix: string;
}

/** Allows what is granted, by access key id; nobody else may do anything. */
export const grants =
  (byCaller: Readonly<Record<string, readonly Grant[]>>): AccessPolicy =>
  (caller, action, name) =>
    (Object.hasOwn(byCaller, caller) ? (byCaller[caller] ?? []) : []).some(
      (grant) =>
        name.startsWith(grant.prefix) && (grant.actions.includes('*') || grant.actions.includes(action)),
    );

export const allowAll: AccessPolicy = () => true;
