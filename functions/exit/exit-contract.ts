export {
  type ExitInput,
  type ExitPorts,
  type ExitReport,
  zExitInput,
} from '../../shared/exit/exit-contract.ts';
