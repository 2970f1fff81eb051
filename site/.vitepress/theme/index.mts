// Without web fonts: the system's are used.
export { default } from "vitepress/theme-without-fonts";

import "./style.css";
