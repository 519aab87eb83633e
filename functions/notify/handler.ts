import { channelCourier } from '../../shared/notification/channel-courier.ts';
import { dynamoOutbox } from '../../shared/notification/dynamodb/outbox.ts';
import { post } from '../../shared/notification/http/post.ts';
import { secretsManagerAddressBook } from '../../shared/notification/secrets-manager/address-book.ts';
import { snsTopic } from '../../shared/notification/sns/topic.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { flush, listUndelivered, sendTest, tellAlarms, tellChanges } from './notify.ts';
import {
  type AlarmRecord,
  type ChangeRecord,
  type NotifyPorts,
  type NotifyReport,
  notifyVariables,
  type UndeliveredReport,
  zNotifyEvent,
} from './notify-contract.ts';

/** A message that is begun now may take five seconds, and what became of it has to be kept. */
const RESERVE_MS = 15 * SECOND;

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...notifyVariables });
  const { clock, chance, clients } = host;
  const stage = env.NIJA_STAGE;
  const outbox = dynamoOutbox({ client: ledgerClient(host), table: env.NIJA_TABLE, clock, chance });
  const courier = channelCourier({
    stage,
    addresses: secretsManagerAddressBook({ env: host.env, client: clients?.secrets, stage, clock }),
    post: clients?.post ?? post,
    topic: snsTopic(host.env, clients?.topics),
    clock,
  });
  const channels = env.NIJA_NOTIFY_CHANNELS;
  const ports: NotifyPorts = {
    stage,
    channels,
    outbox,
    courier,
    clock,
    chance,
    ...host.telemetry('notify'),
  };

  return withLoggedFailure(ports.log, async (event, context): Promise<NotifyReport | UndeliveredReport> => {
    const input = validInput(zNotifyEvent, event);
    const mayGoOn = () => context.getRemainingTimeInMillis() > RESERVE_MS;
    if ('Records' in input) {
      const { changes, alarms } = parted(input.Records);
      return changes.length > 0
        ? await tellChanges(changes, ports, mayGoOn)
        : await tellAlarms(alarms, ports, mayGoOn);
    }
    if ('flush' in input) return await flush(input, ports, mayGoOn);
    return 'test' in input ? await sendTest(input.test, ports, mayGoOn) : await listUndelivered(ports);
  });
};

const parted = (records: readonly (ChangeRecord | AlarmRecord)[]) => ({
  changes: records.filter((record) => 'dynamodb' in record),
  alarms: records.filter((record) => 'Sns' in record),
});

export const handler = onLambda(createHandler);
