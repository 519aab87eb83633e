import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import { UNUSABLE_CODES, UNUSABLE_TODO } from '../../../account/unusable-codes.ts';
import type { Notice } from '../../notice.ts';
import { causeOf, reading } from './reader.ts';

const zState = z.object({
  accountId: zAccountId,
  usable: z.boolean(),
  code: z.enum(UNUSABLE_CODES).optional(),
  since: z.number(),
  version: z.number(),
});

/** KEY_STATE: a key that does not work any more, and one that works again. */
export const keyStateNotices = reading(zState, ({ accountId, usable, code, since, version }, before) => {
  const head = { cause: causeOf('key', accountId, version), concerns: accountId, at: since };
  if (usable) {
    const says = `the key of ${accountId} works again`;
    return before?.usable === false ? [{ ...head, kind: 'key-works-again', reason: 'works', says }] : [];
  }
  if (code === undefined || before?.code === code) return [];
  return [
    {
      ...head,
      kind: 'key-unusable',
      reason: code,
      says: `the key of ${accountId} cannot be used: ${code}`,
      todo: UNUSABLE_TODO[code],
    },
  ];
});

const zFinding = z.object({ code: z.string(), level: z.string(), says: z.string(), todo: z.string() });
const zAttestation = z.object({
  accountId: zAccountId,
  keyFingerprint: z.string(),
  attestedAt: z.number(),
  findings: z.array(zFinding),
});
type AttestationImage = z.infer<typeof zAttestation>;

/** KEY_CHECK: what the exchange says of a key. That it endangers money, each day; all else once. */
export const attestationNotices = reading(zAttestation, (now, before) => {
  const known = before?.keyFingerprint === now.keyFingerprint ? before.findings : [];
  return now.findings.map((finding) => noticeOf(now, finding, known));
});

const noticeOf = (
  { accountId, attestedAt }: AttestationImage,
  { code, level, says, todo }: z.infer<typeof zFinding>,
  known: AttestationImage['findings'],
): Notice | undefined => {
  const kind = KINDS[level];
  if (kind === undefined) return undefined;
  if (level !== 'danger' && known.some((finding) => finding.code === code)) return undefined;
  const cause = causeOf('attestation', accountId, code, attestedAt);
  return { cause, kind, concerns: accountId, at: attestedAt, reason: code, says, todo };
};

const KINDS: Readonly<Record<string, Notice['kind'] | undefined>> = {
  danger: 'key-can-withdraw',
  broken: 'key-broken',
  warning: 'key-warning',
};
