/** The box that plots are drawn in; it is stretched to its place. */
export const WIDTH = 1_000;
export const HEIGHT = 300;
/** Kinds of lines in the style sheet, each with its colour and dashes. */
export const LOOKS = 8;
