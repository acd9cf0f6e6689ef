# U-Boot's script: which root starts. See image/box/slots.py for the two files of state; "9" tries are not counted down.
setenv BOOT_ORDER "A B"
setenv BOOT_A_LEFT 9
setenv BOOT_B_LEFT 9
setenv BOOT_RESET 0
setenv work ${pxefile_addr_r}
setenv known
for copy in slots-1 slots-2; do
    if test -z "${known}"; then
        if load ${devtype} ${devnum}:1 ${work} ${copy}; then
            if env import -c ${work} ${filesize} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT BOOT_RESET; then
                setenv known yes
            else
                echo "${copy} is damaged"
            fi
        fi
    fi
done
setenv kernel_args "ro rootwait"
if load ${devtype} ${devnum}:1 ${work} kernel.env; then
    env import -t ${work} ${filesize} kernel_args
fi

setenv changed
setenv more
if test "${BOOT_RESET}" = "1"; then
    setenv BOOT_RESET 0
    setenv more "systemd.factory_reset=1"
    setenv changed yes
fi

# U-Boot's own places leave too little room for Debian's kernel. These are 48 and 128 MiB into the memory, which begins at 0 on
# the Pi, and later on the virtual board that the image is proved on.
setenv begin 0x0
if test "${kernel_addr_r}" = "0x40400000"; then
    setenv begin 0x4
fi
setenv kernel_addr_r ${begin}3000000
setenv ramdisk_addr_r ${begin}8000000

setenv chosen
for slot in "${BOOT_ORDER}"; do
    if test -z "${chosen}"; then
        if test "${slot}" = "A"; then
            setenv left ${BOOT_A_LEFT}
            setenv label root-a
        else
            setenv left ${BOOT_B_LEFT}
            setenv label root-b
        fi
        if test ${left} -gt 0; then
            echo "Root ${slot}, ${left} left"
            if test ${left} -lt 9; then
                setexpr left ${left} - 1
                setenv BOOT_${slot}_LEFT ${left}
                setenv changed yes
            fi
            if part number ${devtype} ${devnum} ${label} number; then
                if load ${devtype} ${devnum}:${number} ${kernel_addr_r} boot/vmlinuz; then
                    if load ${devtype} ${devnum}:${number} ${ramdisk_addr_r} boot/initrd.img; then
                        setenv ramdisk_size ${filesize}
                        setenv root ${label}
                        setenv chosen ${slot}
                    fi
                fi
            fi
        fi
    fi
done

if test -z "${chosen}"; then
    # Neither is left: better one that did not work than none.
    echo "No root is left; both are tried again"
    setenv BOOT_A_LEFT 3
    setenv BOOT_B_LEFT 3
    setenv changed yes
fi
if test -n "${changed}"; then
    env export -c -s 200 ${work} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT BOOT_RESET
    fatwrite ${devtype} ${devnum}:1 ${work} slots-1 200
    fatwrite ${devtype} ${devnum}:1 ${work} slots-2 200
fi
if test -z "${chosen}"; then
    sleep 10
    reset
fi
setenv bootargs "root=PARTLABEL=${root} ${kernel_args} rauc.slot=${chosen} ${more}"
echo "Starting root ${chosen}: ${bootargs}"
booti ${kernel_addr_r} ${ramdisk_addr_r}:${ramdisk_size} ${fdt_addr}
echo "The kernel of root ${chosen} does not start"
sleep 10
reset
