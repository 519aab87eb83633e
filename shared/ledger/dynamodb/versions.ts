import { ABSENT, type Expression } from './writes.ts';

/** That the stored version is the one before `version`; version 1 is the first. */
export const nextVersion = (version: number): Expression =>
  version === 1 ? ABSENT : { expression: '#version = :before', values: { before: version - 1 } };
