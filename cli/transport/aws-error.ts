/** The name by which one knows what AWS, the SDK or the network says; no text of theirs, which may hold what was sent. */
export const codeOfAwsError = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
};
