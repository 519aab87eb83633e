import { documentClient, type LedgerClient } from '../shared/ledger/dynamodb/document-client.ts';
import type { Host } from './host.ts';

/** The one that the host brings along, else one as its environment says. */
export const ledgerClient = ({ clients, env }: Host): LedgerClient =>
  clients?.documents ?? documentClient(env);
