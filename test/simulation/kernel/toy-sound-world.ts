import { toyBank } from './toy-bank.ts';

export const runSeed = toyBank('one write');
