import type { Actor } from '../world/world.ts';
import { EXCHANGE_ANSWERS } from './exchange-answers.ts';
import { EXCHANGE_CONDITIONS } from './exchange-conditions.ts';
import { EXITS } from './exits.ts';
import { HOLDINGS } from './holdings.ts';
import { KEYS } from './keys.ts';
import { OWNERS } from './owners.ts';
import { PLATFORMS } from './platforms.ts';
import { REGISTRATIONS } from './registrations.ts';
import { SETTINGS } from './settings.ts';
import { SWITCHES } from './switches.ts';
import { TIGHT_SPOTS } from './tight-spots.ts';

/** All who do something in a simulated world. */
export const ACTORS: readonly Actor[] = [
  ...OWNERS,
  ...EXITS,
  ...SWITCHES,
  ...SETTINGS,
  ...HOLDINGS,
  ...REGISTRATIONS,
  ...KEYS,
  ...PLATFORMS,
  ...EXCHANGE_ANSWERS,
  ...EXCHANGE_CONDITIONS,
  ...TIGHT_SPOTS,
];
