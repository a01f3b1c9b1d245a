# SPDX-License-Identifier: Apache-2.0
# deb and rpm by component: cpack -G DEB or RPM in a build directory.
#
#	icecore       the agent, its unit and an example of its configuration
#	icelab        the laboratory's half
#	icecore-dkms  the module's sources, built for each kernel by dkms
#
# The debs are of a dynamic build, for the distribution that it was built on;
# an rpm of the preset static runs on any.
include(GNUInstallDirs)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(here ${CMAKE_SOURCE_DIR}/deploy)
set(out ${CMAKE_BINARY_DIR}/packages)
set(module_dir /usr/src/icecore-${PROJECT_VERSION})

configure_file(${here}/packages/dkms/postinst ${out}/dkms/postinst @ONLY)
configure_file(${here}/packages/dkms/prerm ${out}/dkms/prerm @ONLY)
configure_file(${CMAKE_SOURCE_DIR}/kmod/dkms.conf.in ${out}/dkms/dkms.conf @ONLY)

install(TARGETS icecore RUNTIME DESTINATION /usr/bin COMPONENT agent)
install(FILES ${here}/systemd/icecore.service
  DESTINATION /usr/lib/systemd/system COMPONENT agent)
install(FILES ${here}/packages/icecore.conf.example DESTINATION /etc/icecore
  COMPONENT agent)
install(FILES ${here}/systemd/module.conf LICENSE
  DESTINATION /usr/share/doc/icecore COMPONENT agent)
install(TARGETS icelab RUNTIME DESTINATION /usr/bin COMPONENT lab)
install(FILES LICENSE DESTINATION /usr/share/doc/icelab COMPONENT lab)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/kmod/ DESTINATION ${module_dir}
  COMPONENT dkms
  FILES_MATCHING PATTERN "*.c" PATTERN "*.h" PATTERN Kbuild PATTERN LICENSE)
install(FILES ${out}/dkms/dkms.conf DESTINATION ${module_dir} COMPONENT dkms)

set(CPACK_PACKAGE_NAME icecore)
set(CPACK_PACKAGE_VENDOR icecore)
set(CPACK_PACKAGE_CONTACT "icecore <icecore@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "memory and host triage for incident response")
set(CPACK_COMPONENTS_ALL agent lab dkms)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${out})
set(CPACK_COMPONENT_AGENT_DESCRIPTION "takes what is about to be lost from a
host under attack, sealed, to where the attacker cannot reach it")
set(CPACK_COMPONENT_LAB_DESCRIPTION "verifies, extracts and shows the evidence
that icecore took")
set(CPACK_COMPONENT_DKMS_DESCRIPTION "kernel module by which icecore reads
physical memory, in source")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_AGENT_PACKAGE_NAME icecore)
set(CPACK_DEBIAN_AGENT_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_AGENT_PACKAGE_RECOMMENDS "ca-certificates")
file(WRITE ${out}/conffiles "/etc/icecore/icecore.conf.example\n")
set(CPACK_DEBIAN_AGENT_PACKAGE_CONTROL_EXTRA ${here}/packages/agent/postinst
  ${here}/packages/agent/prerm ${here}/packages/agent/postrm ${out}/conffiles)
set(CPACK_DEBIAN_AGENT_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_LAB_PACKAGE_NAME icelab)
set(CPACK_DEBIAN_LAB_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DKMS_PACKAGE_NAME icecore-dkms)
set(CPACK_DEBIAN_DKMS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DKMS_PACKAGE_DEPENDS "dkms (>= 2.8)")
set(CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_EXTRA ${out}/dkms/postinst ${out}/dkms/prerm)
set(CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/src /usr/lib/systemd
  /usr/lib/systemd/system)
set(CPACK_RPM_AGENT_PACKAGE_NAME icecore)
set(CPACK_RPM_AGENT_USER_FILELIST "%config(noreplace) /etc/icecore/icecore.conf.example")
set(CPACK_RPM_AGENT_POST_INSTALL_SCRIPT_FILE ${here}/packages/agent/rpm-post)
set(CPACK_RPM_AGENT_PRE_UNINSTALL_SCRIPT_FILE ${here}/packages/agent/rpm-preun)
set(CPACK_RPM_AGENT_POST_UNINSTALL_SCRIPT_FILE ${here}/packages/agent/rpm-postun)
set(CPACK_RPM_LAB_PACKAGE_NAME icelab)
set(CPACK_RPM_DKMS_PACKAGE_NAME icecore-dkms)
set(CPACK_RPM_DKMS_PACKAGE_ARCHITECTURE noarch)
set(CPACK_RPM_DKMS_PACKAGE_LICENSE GPL-2.0-only)
set(CPACK_RPM_DKMS_PACKAGE_REQUIRES dkms)
set(CPACK_RPM_DKMS_POST_INSTALL_SCRIPT_FILE ${out}/dkms/rpm-post)
set(CPACK_RPM_DKMS_PRE_UNINSTALL_SCRIPT_FILE ${out}/dkms/rpm-preun)
file(WRITE ${out}/dkms/rpm-post "dkms add -m icecore -v ${PROJECT_VERSION} || :\n"
  "dkms autoinstall || :\n")
file(WRITE ${out}/dkms/rpm-preun
  "dkms remove -m icecore -v ${PROJECT_VERSION} --all || :\n")
include(CPack)
