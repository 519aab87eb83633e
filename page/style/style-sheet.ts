import { type Html, ownMarkup } from '../markup/html.ts';
import { DARK, DASHES, LIGHT, variables } from './colours.ts';

/** `auto`: as the reader's system says. */
export type Theme = 'auto' | 'light' | 'dark';

/** By its own width and not by the window's: on a dashboard it is one widget among others. */
const CSS = `
.nija{${variables(LIGHT)}color-scheme:light;container-type:inline-size;background:var(--ground);color:var(--ink);font:400 1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Open Sans",sans-serif;font-variant-numeric:tabular-nums;text-align:start}
@media (prefers-color-scheme:dark){.nija.theme-auto{${variables(DARK)}color-scheme:dark}}
.nija.theme-dark{${variables(DARK)}color-scheme:dark}
body:has(>.nija){margin:0}
body>.nija{min-block-size:100dvh}
.nija *,.nija ::before{box-sizing:border-box}
.nija .page{max-inline-size:82rem;margin-inline:auto;padding:1rem;overflow-wrap:anywhere}
.nija :is(h1,h2,h3,p,dl,dd,ul,ol,figure,table){margin:0;padding:0}
.nija h1{min-inline-size:0;overflow-wrap:anywhere;font-size:1.5rem;line-height:1.2;font-weight:700;color:var(--ink)}
.nija h2{font-size:1.2rem;line-height:1.3;font-weight:650;color:var(--ink);margin-block-end:.75rem}
.nija h3{font-size:1rem;line-height:1.4;font-weight:650;color:var(--ink)}
.nija a{color:var(--accent);text-underline-offset:.15em}
.nija :is(a,button,summary,input,.scroll):focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.nija code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere;color:inherit;background:none;padding:0}
.nija .quiet{color:var(--quiet)}
.nija .small{font-size:.875rem}
.nija .unseen{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.nija .date{white-space:nowrap}
.nija .skip{position:absolute;inset-inline-start:-100vw;background:var(--card);padding:.5rem 1rem;z-index:1}
.nija .skip:focus{inset-inline-start:1rem;inset-block-start:1rem}
.nija header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between;padding-block:.5rem 1rem}
.nija nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;font-size:.9375rem}
.nija nav a{display:inline-block;padding-block:.35rem}
.nija section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:1rem;margin-block-start:1rem}
.nija section>.lead{margin-block-end:.75rem;max-inline-size:68ch}
.nija .banner{border:1px solid;border-inline-start-width:6px;border-radius:10px;padding:.75rem 1rem;margin-block-start:1rem;overflow-wrap:anywhere}
.nija .banner.warn{background:var(--warnGround);border-color:var(--warn)}
.nija .banner.bad{background:var(--badGround);border-color:var(--bad)}
.nija .banner.good{background:var(--card);border-color:var(--good)}
.nija .mark{font-weight:650;display:inline-block;position:relative;padding-inline-start:1em;max-inline-size:100%}
.nija .mark::before{content:"";position:absolute;inset-inline-start:0;inset-block-start:.5em;inline-size:.6em;block-size:.6em;background:currentColor}
.nija .mark.good{color:var(--good)}
.nija .mark.good::before{border-radius:50%}
.nija .mark.warn{color:var(--warn)}
.nija .mark.warn::before{clip-path:polygon(50% 0,100% 100%,0 100%)}
.nija .mark.bad{color:var(--bad)}
.nija .mark.bad::before{clip-path:polygon(20% 0,50% 30%,80% 0,100% 20%,70% 50%,100% 80%,80% 100%,50% 70%,20% 100%,0 80%,30% 50%,0 20%)}
.nija .mark.quiet::before{block-size:.2em;inset-block-start:.65em}
.nija .cards{display:grid;gap:.75rem;grid-template-columns:minmax(0,1fr);list-style:none}
.nija .card{border:1px solid var(--rule);border-radius:8px;padding:.75rem;min-inline-size:0;overflow-wrap:anywhere}
.nija .facts{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.15rem 1rem;font-size:.9375rem}
.nija .facts dt{color:var(--quiet)}
.nija .facts dd{overflow-wrap:anywhere}
.nija table{inline-size:100%;border-collapse:collapse;font-size:.9375rem;background:none;color:inherit}
.nija caption{text-align:start;color:var(--quiet);font-size:.875rem;padding-block-end:.5rem;caption-side:top}
.nija :is(th,td){text-align:start;padding:.45rem .6rem;vertical-align:top;border:0;border-block-end:1px solid var(--rule);background:none;color:inherit}
.nija thead th{color:var(--quiet);font-weight:600;font-size:.8125rem;white-space:nowrap}
.nija tbody th{font-weight:650}
.nija :is(th,h3) .small{font-weight:400}
.nija tbody tr:last-child>*{border-block-end:0}
.nija .figure{text-align:end;white-space:nowrap}
.nija .levels{list-style:none}
.nija .scroll{overflow-x:auto}
.nija .scroll table{font-size:.875rem}
.nija .scroll :is(th,td){padding-inline:.3rem;white-space:nowrap}
.nija details{border:1px solid var(--rule);border-radius:8px;margin-block-start:.5rem}
.nija summary{cursor:pointer;padding:.6rem .75rem;border-radius:8px;display:list-item;list-style-position:inside}
.nija summary:hover{background:var(--ground)}
.nija .inside{padding:0 .75rem .75rem}
.nija .trade{display:inline-flex;flex-wrap:wrap;gap:.1rem .9rem;max-inline-size:calc(100% - 1.5rem);vertical-align:top}
.nija :is(.button,button.button){display:inline-block;font:inherit;font-weight:600;line-height:1.3;padding:.4rem .8rem;min-block-size:2.25rem;border-radius:6px;border:1px solid var(--bad);background:none;color:var(--bad);cursor:pointer;text-decoration:none;white-space:nowrap}
.nija :is(.button,button.button):hover{background:var(--badGround)}
.nija :is(.button,button.button).sure{background:var(--bad);color:var(--onBad)}
.nija :is(.button,button.button).sure:hover{filter:brightness(1.1)}
.nija .curves{display:grid;gap:1rem;margin-block-start:1rem;grid-template-columns:minmax(0,1fr)}
.nija figure>figcaption{margin-block-end:.5rem}
.nija .plot{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.4rem .6rem;padding-block:.5rem .25rem;padding-inline-end:.5rem}
.nija .plot svg{inline-size:100%;block-size:9rem;overflow:visible;display:block}
.nija .plot.large svg{block-size:15rem}
.nija .y-labels{display:flex;flex-direction:column;justify-content:space-between;text-align:end;font-size:.75rem;color:var(--quiet)}
.nija .y-labels span{block-size:0;line-height:0;white-space:nowrap}
.nija .x-labels{grid-column:2;display:flex;justify-content:space-between;font-size:.75rem;color:var(--quiet);gap:.5rem}
.nija .x-labels span:only-child{margin-inline:auto}
.nija svg :is(.line,.grid,.reference){fill:none;vector-effect:non-scaling-stroke}
.nija svg .grid{stroke:var(--rule);stroke-width:1}
.nija svg .reference{stroke:var(--quiet);stroke-width:1;stroke-dasharray:2 2}
.nija svg .line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.nija svg .bar{fill:var(--accent)}
${DASHES.map((dashes, look) => `.nija svg .look-${look}{stroke:var(--curve-${look});stroke-dasharray:${dashes}}`).join('\n')}
.nija .swatch{inline-size:1.5rem;block-size:.6rem;vertical-align:middle;margin-inline-end:.5rem}
.nija :is(.rows,.scroll)+:is(.rows,.scroll),.nija .banner+.rows,.nija main>p{margin-block-start:1rem}
.nija fieldset{border:0;margin:0;padding:0}
.nija legend{padding:0;font-weight:650}
.nija label{display:inline-flex;gap:.5rem;align-items:baseline;padding-block:.35rem}
.nija input[type=radio]{accent-color:var(--accent);inline-size:1.1rem;block-size:1.1rem}
.nija .actions{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:center;margin-block-start:1rem}
.nija .rows thead{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%)}
.nija .rows :is(table,tr,caption){display:block}
.nija .rows tr{border:1px solid var(--rule);border-radius:8px;padding:.5rem .75rem}
.nija .rows tbody{display:grid;gap:.75rem;grid-template-columns:minmax(0,1fr)}
.nija .rows :is(td,th){display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.5rem;border:0;padding:.2rem 0;text-align:start;white-space:normal;overflow-wrap:anywhere}
.nija .rows :is(td,th)::before{content:attr(data-label);color:var(--quiet);font-weight:400}
@container (min-width:40rem){
.nija .page{padding:1.5rem}
.nija .cards.two,.nija .curves,.nija .rows tbody{grid-template-columns:repeat(2,minmax(0,1fr))}
}
@container (min-width:60rem){
.nija .curves:not(.two){grid-template-columns:repeat(3,minmax(0,1fr))}
.nija .rows thead{position:static;inline-size:auto;block-size:auto;clip-path:none;display:table-header-group}
.nija .rows table{display:table}
.nija .rows tbody{display:table-row-group}
.nija .rows caption{display:table-caption}
.nija .rows tr{display:table-row;border:0}
.nija .rows :is(td,th){display:table-cell;padding:.5rem .6rem;border-block-end:1px solid var(--rule);overflow-wrap:break-word}
.nija .rows th[scope=row]{min-inline-size:6.5rem}
.nija .rows .wide{min-inline-size:12rem}
.nija .rows code{overflow-wrap:normal}
.nija .rows :is(td,th)::before{content:none}
.nija .rows .figure{text-align:end;white-space:nowrap}
.nija .rows .figure .why{display:block;white-space:normal;min-inline-size:6rem;max-inline-size:12rem;margin-inline-start:auto}
.nija .rows tbody tr:last-child>*{border-block-end:0}
}
@media (prefers-reduced-motion:no-preference){.nija a,.nija .button{transition:background-color .1s}}
@media (forced-colors:active){.nija .mark::before,.nija svg{forced-color-adjust:none}}
@media print{.nija .button,.nija nav{display:none}.nija section{break-inside:avoid}}
`.trim();

/** The element that brings it along; inside of what it styles, where both hosts leave it. */
export const styleSheet: Html = ownMarkup(`<style>\n${CSS}\n</style>`);

/** What stands between the tags, for a policy that admits this sheet alone. */
export const STYLE_TEXT = `\n${CSS}\n`;
