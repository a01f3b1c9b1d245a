// SPDX-License-Identifier: Apache-2.0
/* What interpreters, tools and web servers load. */
#include <stddef.h>

#include "disk/place_internal.h"

const struct place places_runtime[] = {
	{ "python-start", "T1546.018", PLACE_PTH, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/usr/{,local/}lib{,64}/python3*/{,dist-packages/,"
			"site-packages/}*.pth",
			"/usr/{,local/}lib{,64}/python3*/{,dist-packages/,"
			"site-packages/}{sitecustomize,usercustomize}.py",
			"{/root,/home/*}/.local/lib/python3*/site-packages/*.pth",
			"{/root,/home/*}/.local/lib/python3*/site-packages/"
			"{sitecustomize,usercustomize}.py",
			NULL,
		} },
	{ "perl-start", "T1546", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/perl/sitecustomize.pl",
			"/usr/local/lib/site_perl/sitecustomize.pl",
			NULL,
		} },
	{ "php-config", "T1505.003", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/php/*/*/php.ini",
			"/etc/php/*/*/conf.d/*",
			"/etc/php.ini",
			"/etc/php.d/*",
			NULL,
		} },
	{ "package-source", "T1195.001", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/{pip.conf,npmrc,gemrc}",
			"{/root,/home/*}/.{pip/pip.conf,config/pip/pip.conf,npmrc,"
			"gemrc,pypirc}",
			NULL,
		} },
	{ "git-config", "T1546", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/gitconfig",
			"{/root,/home/*}/.gitconfig",
			"{/root,/home/*}/.config/git/config",
			NULL,
		} },
	{ "git-hook", "T1546", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/usr/share/git-core/templates/hooks/*",
			NULL,
		} },
	{ "git-hook", "T1546", PLACE_FILE, PLACE_ANYBODY,
		PATTERNS{
			"/{home,root,opt,srv,var,usr/local,usr/src}/**/.git/hooks/"
			"!(*.sample)",
			NULL,
		} },
	{ "editor-start", "T1546", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/vim/vimrc",
			"/etc/vim/vimrc.local",
			"/etc/{nanorc,tmux.conf,screenrc}",
			"{/root,/home/*}/.{vimrc,exrc,nanorc,emacs}",
			"{/root,/home/*}/.{tmux.conf,screenrc}",
			"{/root,/home/*}/.emacs.d/init.el",
			"{/root,/home/*}/.config/nvim/init.{vim,lua}",
			NULL,
		} },
	{ "web-server", "T1505", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/{apache2,httpd,nginx,lighttpd}/**/*.@(conf|load)",
			NULL,
		} },
	{ "web-shell", "T1505.003", PLACE_CODE, PLACE_EVERYWHERE,
		PATTERNS{
			"/{var/www,srv,usr/share/nginx,var/lib/tomcat*/webapps,opt/*/"
			"webapps,usr/local/www}/**/@(*.@(php|php5|php7|phtml|phar|"
			"inc|jsp|jspx|asp|aspx|cgi|pl|py|sh)|.htaccess|.user.ini)",
			NULL,
		} },
	{ NULL, NULL, PLACE_FILE, PLACE_ANYBODY, NULL },
};
